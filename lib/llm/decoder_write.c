#include "llm/decoder_write.h"

#include "formats/quantise.h"
#include "llm/decoder_config.h"
#include "llm/decoder_names.h"
#include "util/mem.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Numbers that are converted at once: 16 MB of floats. */
enum { STRETCH = 4 << 20 };

struct item {
    enum decoder_matrix what;
    int layer, rows, columns;
    enum quant_id type;
};

struct decoder_write {
    const struct decoder_file *f;
    struct gguf_writer *w;
    struct item *item;
    int items, room, fallen;
};

/* general.file_type, llama.cpp's numbers: what most matrices are. */
static uint32_t file_type(enum quant_id type)
{
    switch (type) {
    case QUANT_F16: return 1;
    case QUANT_Q4_0: return 2;
    case QUANT_Q4_1: return 3;
    case QUANT_Q8_0: return 7;
    case QUANT_BF16: return 32;
    default: return 0;
    }
}

static char *key_of(const struct decoder_config *c, const char *key)
{
    return mem_format("%s.%s", decoder_architecture_name(c->architecture), key);
}

static void put_count(struct gguf_writer *w, const struct decoder_config *c,
                      const char *name, int v)
{
    char *key = key_of(c, name);

    gguf_put_u32(w, key, (uint32_t)v);
    free(key);
}

static void put_number(struct gguf_writer *w, const struct decoder_config *c,
                       const char *name, double v)
{
    char *key = key_of(c, name);

    gguf_put_f32(w, key, (float)v);
    free(key);
}

static void put_flag(struct gguf_writer *w, const struct decoder_config *c,
                     const char *name, bool v)
{
    char *key = key_of(c, name);

    gguf_put_bool(w, key, v);
    free(key);
}

static void put_llama(struct gguf_writer *w, const struct decoder_config *c)
{
    put_count(w, c, "attention.head_count_kv", c->kv_heads);
    put_count(w, c, "attention.key_length", c->head_dim);
    put_count(w, c, "attention.value_length", c->head_dim);
    put_count(w, c, "rope.dimension_count", c->head_dim);
    put_number(w, c, "attention.layer_norm_rms_epsilon", c->norm_eps);
    put_number(w, c, "rope.freq_base", c->rope_theta);
}

static void put_opt(struct gguf_writer *w, const struct decoder_config *c)
{
    put_count(w, c, "embedding_projection_length", c->embed_width);
    put_number(w, c, "attention.layer_norm_epsilon", c->norm_eps);
    put_flag(w, c, "norm_before", !c->norm_after);
    put_flag(w, c, "final_norm", !c->no_final_norm);
    put_flag(w, c, "biases", c->biases);
}

static void put_config(struct gguf_writer *w, const struct decoder_config *c,
                       enum quant_id type, const char *name)
{
    gguf_put_string(w, "general.architecture", decoder_architecture_name(c->architecture));
    gguf_put_string(w, "general.name", name);
    gguf_put_u32(w, "general.file_type", file_type(type));
    gguf_put_u32(w, "general.quantization_version", 2);
    put_count(w, c, "vocab_size", c->vocab);
    put_count(w, c, "context_length", c->context);
    put_count(w, c, "embedding_length", c->width);
    put_count(w, c, "block_count", c->layers);
    put_count(w, c, "feed_forward_length", c->ff);
    put_count(w, c, "attention.head_count", c->heads);
    if (c->architecture == DECODER_OPT)
        put_opt(w, c);
    else
        put_llama(w, c);
}

/* The token table and the head, which have a say in every token, take 8 bits where
 * other matrices have 4. */
static enum quant_id type_for(enum decoder_matrix what, enum quant_id type)
{
    bool four = type == QUANT_Q4_0 || type == QUANT_Q4_1;

    if (decoder_is_vector(what) || what == DECODER_POSITION)
        return QUANT_F32;
    return four && (what == DECODER_EMBED || what == DECODER_HEAD) ? QUANT_Q8_0 : type;
}

static void put_matrix(struct decoder_write *d, enum decoder_matrix what, int layer,
                       enum quant_id type)
{
    const struct decoder_config *c = &d->f->c;
    struct item t = { .what = what, .layer = layer, .type = type_for(what, type) };
    char *name = decoder_gguf_name(c->architecture, what, layer);

    decoder_shape(c, what, &t.rows, &t.columns);
    if ((size_t)t.columns % dequant_find(t.type)->block) {
        t.type = QUANT_F16;
        d->fallen++;
    }
    MEM_PUSH(d->item, d->items, d->room, t);
    gguf_put_tensor(d->w, name, t.type, (size_t)t.columns,
                    decoder_is_vector(what) ? 0 : (size_t)t.rows);
    free(name);
}

struct decoder_write *decoder_write_new(const struct decoder_file *f, enum quant_id type,
                                        const char *name, struct gguf_writer *w)
{
    struct decoder_write *d = mem_new(1, sizeof *d);

    d->f = f;
    d->w = w;
    put_config(w, &f->c, type, name);
    if (f->source.factors)
        gguf_put_tensor(w, "rope_freqs.weight", QUANT_F32, (size_t)f->c.head_dim / 2, 0);
    for (int l = -1; l < f->c.layers; l++)
        for (int what = 0; what < DECODER_MATRICES; what++)
            if (decoder_has(&f->c, what) && decoder_by_layer(what) == (l >= 0)
                && !(what == DECODER_HEAD && f->source.tied))
                put_matrix(d, what, l < 0 ? 0 : l, type);
    return d;
}

void decoder_write_free(struct decoder_write *d)
{
    if (d)
        free(d->item);
    free(d);
}

int decoder_write_tensors(const struct decoder_write *d)
{
    return d->items;
}

int decoder_write_fallen(const struct decoder_write *d)
{
    return d->fallen;
}

/* A head's rows whose order is llama.cpp's in the file; 0: as they are. */
static int pairs_of(const struct decoder_config *c, enum decoder_matrix what)
{
    return c->positions == DECODER_ROTARY && (what == DECODER_Q || what == DECODER_K)
               ? c->head_dim
               : 0;
}

/* The largest number that a type holds, or that its scale may come from. */
static float largest(enum quant_id type)
{
    return type == QUANT_F32 || type == QUANT_BF16 ? FLT_MAX : 65504;
}

/* Rows [first, first + n) of the file's matrix; false where a number does not fit. */
static bool convert_rows(unsigned char *out, const struct decoder_write *d,
                         const struct item *t, int first, int n)
{
    const struct quant *q = dequant_find(t->type);
    size_t blocks = (size_t)t->columns / q->block;
    const struct decoder_source *s = &d->f->source;
    int pairs = pairs_of(&d->f->c, t->what);
    int bad = 0;

#pragma omp parallel reduction(+ : bad)
    {
        real *row = mem_new((size_t)t->columns, sizeof *row);
        float *floats = mem_new((size_t)t->columns, sizeof *floats);

#pragma omp for schedule(static)
        for (int i = 0; i < n; i++) {
            int index = pairs ? decoder_unpair_row(first + i, pairs) : first + i;

            s->row(row, t->what, t->layer, index, s->data);
            for (int j = 0; j < t->columns; j++) {
                floats[j] = (float)row[j];
                bad += !(fabsf(floats[j]) <= largest(t->type));
            }
            if (!bad)
                quantise_find(t->type)(floats, blocks,
                                       out + (size_t)i * blocks * q->bytes);
        }
        free(row);
        free(floats);
    }
    return !bad;
}

/* Where the source has the tensor's very bytes, those. */
static const unsigned char *same_bytes(const struct decoder_write *d, const struct item *t)
{
    const struct decoder_source *s = &d->f->source;
    struct stored_part p;

    if (!s->stored)
        return NULL;
    p = s->stored(t->what, t->layer, s->data);
    return p.type == dequant_find(t->type) && p.pairs == pairs_of(&d->f->c, t->what)
               ? p.data
               : NULL;
}

static int write_factors(struct decoder_write *d, struct error *e)
{
    for (int i = 0; i < d->f->c.head_dim / 2; i++) {
        float factor = (float)d->f->source.factors[i];

        if (gguf_writer_data(d->w, &factor, sizeof factor, e) < 0)
            return -1;
    }
    return 0;
}

int decoder_write_tensor(struct decoder_write *d, int i, struct error *e)
{
    const struct item *t = &d->item[i];
    const struct quant *q = dequant_find(t->type);
    size_t row_bytes = (size_t)t->columns / q->block * q->bytes;
    int rows = STRETCH / t->columns > 0 ? STRETCH / t->columns : 1, result = 0;
    const unsigned char *same = same_bytes(d, t);
    unsigned char *out;

    if (i == 0 && d->f->source.factors && write_factors(d, e) < 0)
        return -1;
    if (same)
        return gguf_writer_data(d->w, same, (size_t)t->rows * row_bytes, e);
    out = mem_new((size_t)(rows < t->rows ? rows : t->rows), row_bytes);
    for (int first = 0; first < t->rows && result == 0; first += rows) {
        int n = t->rows - first < rows ? t->rows - first : rows;

        if (convert_rows(out, d, t, first, n)) {
            result = gguf_writer_data(d->w, out, (size_t)n * row_bytes, e);
        } else {
            char *name = decoder_gguf_name(d->f->c.architecture, t->what, t->layer);

            result = fail(e, "'%s' has a number that %s cannot hold", name, q->name);
            free(name);
        }
    }
    free(out);
    return result;
}
