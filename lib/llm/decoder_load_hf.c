#include "formats/dequant.h"
#include "formats/hf_folder.h"
#include "llm/decoder_architecture.h"
#include "llm/decoder_config.h"
#include "llm/decoder_tensors.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

#define TEXTS "language_model." /* the part of a larger model that is for texts */

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

static bool is_read(const struct decoder_tensors *t, const char *name)
{
    const struct safetensor *tensor = hf_find(t->file, name);

    for (int k = 0; k < t->c.layers * DECODER_MATRICES; k++)
        if (t->place[k].tensor == tensor)
            return true;
    return false;
}

static bool is_head(const struct decoder_tensors *t, const char *name)
{
    return !strcmp(name, t->names->of[DECODER_HEAD])
           || (!strncmp(name, TEXTS, strlen(TEXTS))
               && !strcmp(name + strlen(TEXTS), t->names->of[DECODER_HEAD]));
}

/* Is it of a part that texts do not pass, in a file with more than the language model? */
static bool is_elsewhere(const struct decoder_tensors *t, const char *name)
{
    return !strncmp(t->prefix, TEXTS, strlen(TEXTS))
           && strncmp(name, TEXTS, strlen(TEXTS)) != 0;
}

static bool equal_numbers(const struct safetensor *a, const struct safetensor *b)
{
    int64_t width = a->ndim > 0 ? a->dim[a->ndim - 1] : 1;
    float *row[2];
    struct error e;
    bool equal = a->ndim == b->ndim
                 && !memcmp(a->dim, b->dim, (size_t)a->ndim * sizeof *a->dim);

    if (!equal || a->data == b->data)
        return equal;
    for (int i = 0; i < 2; i++)
        row[i] = mem_new((size_t)width, sizeof *row[i]);
    for (int64_t at = 0; at < a->count && equal; at += width)
        equal = safetensors_read(row[0], a, at, width, &e) == 0
                && safetensors_read(row[1], b, at, width, &e) == 0
                && !memcmp(row[0], row[1], (size_t)width * sizeof *row[0]);
    for (int i = 0; i < 2; i++)
        free(row[i]);
    return equal;
}

/* Of a model whose head is the token table: a copy of the table is no more than that. */
static int check_copy(const struct decoder_tensors *t, const struct safetensor *head,
                      struct error *e)
{
    const struct safetensor *table = t->place[DECODER_EMBED].tensor;

    return equal_numbers(head, table)
               ? 0
               : fail(e,
                      "%s: '%s' is not '%s', but config.json's tie_word_embeddings makes "
                      "them one: expected equal numbers, or tie_word_embeddings false",
                      hf_path(t->file), head->name, table->name);
}

/* What the weights have beyond the config would be left out silently. */
static int refuse_others(const struct decoder_tensors *t, bool headless, struct error *e)
{
    const char *path = hf_path(t->file);
    const struct safetensor *s;

    if (decoder_tensors_hold(t, DECODER_Q, t->c.layers))
        return fail(e, "%s: has more layers than config.json's %d", path, t->c.layers);
    for (long i = 0; (s = hf_at(t->file, i)); i++) {
        if (is_read(t, s->name) || hf_is_spare(s) || is_elsewhere(t, s->name))
            continue;
        if (t->tied && is_head(t, s->name)) {
            if (!headless && check_copy(t, s, e) < 0)
                return -1;
            continue;
        }
        return fail(e, "%s: '%s' has no place in the %s of config.json", path, s->name,
                    decoder_architecture_of(&t->c)->name);
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
    return check_head(t, e) || decoder_tensors_find(t, e) || refuse_others(t, headless, e)
               ? -1
               : 0;
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
