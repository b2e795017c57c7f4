#include "formats/dequant.h"
#include "formats/hf_folder.h"
#include "llm/decoder_architecture.h"
#include "llm/decoder_config.h"
#include "llm/decoder_tensors.h"
#include "util/mem.h"

#include <stdlib.h>

static bool has_tensor(void *folder, const char *name)
{
    return hf_find(folder, name) != NULL;
}

/* Of the right shape and a type that safetensors_read knows. */
static const void *find_tensor(void *folder, const char *name, int rows, int columns,
                               bool vector, struct error *e)
{
    const int64_t dim[2] = { vector ? columns : rows, columns };
    const struct safetensor *t = hf_tensor(folder, name, vector ? 1 : 2, dim, e);

    if (t && t->type != ST_F64 && t->type != ST_F32 && t->type != ST_F16
        && t->type != ST_BF16) {
        fail(e, "%s: '%s' is %s: expected floating-point numbers", hf_path(folder), name,
             safetensors_type_name(t->type));
        return NULL;
    }
    return t;
}

static void read_numbers(float *out, const void *tensor, size_t at, size_t n)
{
    struct error none; /* the type was checked */

    safetensors_read(out, tensor, (int64_t)at, (int64_t)n, &none);
}

/* F64 is not a type that products know: its rows are expanded. */
static struct stored_part stored_rows(const void *tensor)
{
    const struct safetensor *t = tensor;
    const struct quant *q = dequant_find(t->type == ST_F32   ? QUANT_F32
                                         : t->type == ST_F16 ? QUANT_F16
                                                             : QUANT_BF16);
    int64_t columns = t->dim[t->ndim - 1];

    return (struct stored_part){ t->type == ST_F64 ? NULL : q, t->data,
                                 (size_t)columns * q->bytes, (int)(t->count / columns),
                                 0 };
}

static void close_folder(void *folder)
{
    hf_close(folder);
}

static const struct decoder_format format = { has_tensor, find_tensor, read_numbers,
                                              stored_rows, close_folder };

/* What the weights have beyond the config would be left out silently. */
static int refuse_others(const struct decoder_tensors *t, struct error *e)
{
    const char *path = hf_path(t->file);

    if (decoder_tensors_hold(t, DECODER_Q, t->c.layers))
        return fail(e, "%s: has more layers than config.json's %d", path, t->c.layers);
    for (int w = 0; w < DECODER_MATRICES; w++) {
        enum decoder_matrix what = (enum decoder_matrix)w;
        char *name;

        if (decoder_has(&t->c, what) || !decoder_tensors_hold(t, what, 0))
            continue;
        name = decoder_name(t->names, t->prefix, what, 0);
        fail(e, "%s: '%s' has no place in the %s of config.json", path, name,
             decoder_architecture_of(&t->c)->name);
        free(name);
        return -1;
    }
    return 0;
}

/* Without its own head the model would answer with the token table in its place. */
static int check_head(const struct decoder_tensors *t, struct error *e)
{
    const char *name = t->names->of[DECODER_HEAD];

    return t->tied || decoder_tensors_hold(t, DECODER_HEAD, 0)
               ? 0
               : fail(e,
                      "%s: has no tensor '%s', and config.json's tie_word_embeddings is "
                      "not true: expected the weights of a language model with its head",
                      hf_path(t->file), name);
}

/* headless: the table stands where a head would be, which nothing asks for. */
static int open_tensors(struct decoder_tensors *t, bool headless, struct error *e)
{
    bool tied;

    if (decoder_config_hf(&t->c, &t->factors, &tied, hf_config(t->file), e))
        return -1;
    t->tied = tied || headless;
    t->names = decoder_architecture_of(&t->c)->hf_names;
    t->files = decoder_architecture_of(&t->c)->files & ~(unsigned)DECODER_PAIRS;
    return check_head(t, e) || decoder_tensors_find(t, e) || refuse_others(t, e) ? -1 : 0;
}

static int open_folder(struct decoder_file *f, const char *path, bool headless,
                       struct error *e)
{
    struct decoder_tensors *t = mem_new(1, sizeof *t);

    t->format = &format;
    t->file = hf_open_config(path, e);
    if (!t->file || decoder_config_hf_known(hf_config(t->file), e)
        || hf_open_weights(t->file, headless ? "" : ", or a GGUF file of the model", e)
        || open_tensors(t, headless, e)) {
        decoder_tensors_close(t);
        return -1;
    }
    *f = (struct decoder_file){ t->c, decoder_tensors_source(t), false };
    return 0;
}

int decoder_file_open_hf(struct decoder_file *f, const char *path, struct error *e)
{
    return open_folder(f, path, false, e);
}

int decoder_file_open_body(struct decoder_file *f, const char *folder, struct error *e)
{
    return open_folder(f, folder, true, e);
}
