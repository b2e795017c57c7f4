#include "formats/dequant.h"
#include "llm/decoder_architecture.h"
#include "llm/decoder_config.h"
#include "llm/decoder_parts.h"
#include "llm/decoder_rope.h"
#include "llm/decoder_tensors.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool has_tensor(void *file, const char *name)
{
    return gguf_has_tensor(file, name);
}

static const void *find_tensor(void *file, const char *name, int rows, int columns,
                               bool vector, struct error *e)
{
    const struct gguf_tensor *t = gguf_tensor(file, name, e);

    (void)vector;
    if (t && (t->shape[0] != (size_t)columns || t->rows != (size_t)rows)) {
        fail(e, "%s: '%s' is %zu x %zu: expected %d x %d", gguf_path(file), name, t->rows,
             t->shape[0], rows, columns);
        return NULL;
    }
    return t;
}

static void read_numbers(float *out, const void *tensor, size_t at, size_t n)
{
    gguf_row_floats(tensor, at / n, at / n + 1, out);
}

static struct stored_part stored_rows(const void *tensor)
{
    const struct gguf_tensor *t = tensor;

    return (struct stored_part){ dequant_find(t->type), t->data, t->row_bytes,
                                 (int)t->rows, 0 };
}

static void close_file(void *file)
{
    gguf_close(file);
}

static const struct decoder_format format = { has_tensor, find_tensor, read_numbers,
                                              stored_rows, close_file };

/* Tensors that are no matrix of the model: divisors of the rotation frequencies. */
static const char *const each[] = { "rope_freqs.weight", "rope_factors_short.weight",
                                    "rope_factors_long.weight" };

enum { EACH = sizeof each / sizeof *each };

static bool is_factors(const struct decoder_tensors *t, const char *name)
{
    for (int i = 0; i < EACH && t->c.positions == DECODER_ROTARY; i++)
        if (!strcmp(each[i], name))
            return true;
    return false;
}

static int refuse_others(const struct decoder_tensors *t, struct error *e)
{
    const struct gguf *g = t->file;

    for (size_t i = 0; i < gguf_tensors(g); i++) {
        const struct gguf_tensor *tensor = gguf_tensor_at(g, i);
        bool known = is_factors(t, tensor->name);

        for (int k = 0; !known && k < t->c.layers * DECODER_MATRICES; k++)
            known = t->place[k].tensor == tensor;
        if (!known)
            return fail(e, "%s: tensor '%s' has no place in a model ('%s') of %d layers",
                        gguf_path(g), tensor->name, decoder_architecture_of(&t->c)->gguf,
                        t->c.layers);
    }
    return 0;
}

/* A divisor for each frequency: Llama 3's for long contexts, Phi's for short ones. */
static int read_each(struct decoder_tensors *t, const char *name, struct error *e)
{
    int half = decoder_rotated(&t->c) / 2, wrong = -1;
    const struct gguf_tensor *tensor = find_tensor(t->file, name, 1, half, true, e);
    float *f;

    if (!tensor)
        return -1;
    if (!t->factors)
        t->factors = decoder_rope_linear(&t->c, 1);
    f = mem_new((size_t)half, sizeof *f);
    gguf_row_floats(tensor, 0, 1, f);
    for (int i = 0; i < half; i++) {
        t->factors[i] *= (double)f[i];
        if (!(f[i] > 0) || !isfinite(f[i]))
            wrong = i;
    }
    free(f);
    if (wrong >= 0)
        return fail(e, "%s: '%s'[%d] is %g: expected more than 0", gguf_path(t->file),
                    name, wrong, t->factors[wrong]);
    return 0;
}

static int read_factors(struct decoder_tensors *t, struct error *e)
{
    if (t->c.positions != DECODER_ROTARY)
        return 0;
    if (decoder_rope_gguf(&t->c, &t->factors, t->file, e))
        return -1;
    for (int i = 0; i < 2; i++)
        if (gguf_has_tensor(t->file, each[i]) && read_each(t, each[i], e))
            return -1;
    return 0;
}

static int open_tensors(struct decoder_tensors *t, struct error *e)
{
    if (decoder_config_gguf(&t->c, t->file, e) || read_factors(t, e))
        return -1;
    t->names = decoder_architecture_of(&t->c)->gguf_names;
    t->files = decoder_architecture_of(&t->c)->files & DECODER_PAIRS;
    t->tied = !decoder_tensors_hold(t, DECODER_HEAD, 0); /* GGUF says it by this alone */
    return decoder_tensors_find(t, e) || refuse_others(t, e) ? -1 : 0;
}

int decoder_file_open_gguf(struct decoder_file *f, const char *path, struct error *e)
{
    struct decoder_tensors *t = mem_new(1, sizeof *t);
    bool random = false;

    t->format = &format;
    t->file = gguf_open(path, e);
    if (!t->file || open_tensors(t, e)
        || (gguf_has(t->file, DECODER_RANDOM_KEY)
            && gguf_bool(t->file, DECODER_RANDOM_KEY, &random, e))) {
        decoder_tensors_close(t);
        return -1;
    }
    *f = (struct decoder_file){ t->c, decoder_tensors_source(t), random };
    return 0;
}
