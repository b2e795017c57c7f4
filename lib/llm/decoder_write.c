#include "llm/decoder_write.h"

#include "formats/quantise.h"
#include "llm/decoder_architecture.h"
#include "llm/decoder_config.h"
#include "llm/decoder_parts.h"
#include "util/mem.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Numbers that are converted at once: 16 MB of floats. */
enum { STRETCH = 4 << 20 };

/* A tensor of the file: the matrix, and those that follow it there. */
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

/* The token table and the head, which have a say in every token, take 8 bits where
 * other matrices have 4. */
static enum quant_id type_for(enum decoder_matrix what, enum quant_id type)
{
    bool four = type == QUANT_Q4_0 || type == QUANT_Q4_1 || type == QUANT_Q4_K
                || type == QUANT_Q5_K;

    if (decoder_is_vector(what) || what == DECODER_POSITION)
        return QUANT_F32;
    return four && (what == DECODER_EMBED || what == DECODER_HEAD) ? QUANT_Q8_0 : type;
}

static void put_matrix(struct decoder_write *d, enum decoder_matrix what, int layer,
                       enum quant_id type)
{
    const struct decoder_config *c = &d->f->c;
    struct item t = { .what = what, .layer = layer, .type = type_for(what, type) };
    const struct decoder_names *names = decoder_architecture_of(c)->gguf_names;
    char *name = decoder_name(names, "", what, layer);
    int all = decoder_names_rows(names, c, what, DECODER_MATRICES);

    decoder_shape(c, what, &t.rows, &t.columns);
    if (decoder_is_vector(what))
        t.columns = all;
    else
        t.rows = all;
    if ((size_t)t.columns % dequant_find(t.type)->block) {
        bool k = dequant_find(t.type)->block > 32 && t.columns % 32 == 0;

        t.type = k ? QUANT_Q8_0 : QUANT_F16;
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
    const struct decoder_names *names = decoder_architecture_of(&f->c)->gguf_names;
    struct decoder_write *d = mem_new(1, sizeof *d);

    d->f = f;
    d->w = w;
    decoder_write_config(w, &f->c, type, name);
    if (f->source.factors)
        gguf_put_tensor(w, "rope_freqs.weight", QUANT_F32,
                        (size_t)decoder_rotated(&f->c) / 2, 0);
    for (int l = -1; l < f->c.layers; l++)
        for (int what = 0; what < DECODER_MATRICES; what++)
            if (decoder_has(&f->c, what) && decoder_by_layer(what) == (l >= 0)
                && decoder_names_first(names, what)
                       == (enum decoder_matrix)what
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
    return decoder_architecture_of(c)->files & DECODER_PAIRS && what >= DECODER_Q
                   && what <= DECODER_K_BIAS
               ? c->head_dim
               : 0;
}

/* A vector's numbers, in a head's order here, in llama.cpp's. */
static void unpair(real *row, int n, int pairs)
{
    real *old = mem_new((size_t)n, sizeof *old);

    memcpy(old, row, (size_t)n * sizeof *old);
    for (int i = 0; i < n; i++)
        row[i] = old[decoder_unpair_row(i, pairs)];
    free(old);
}

/* Row `index` of the item's tensor; one of several vectors is put behind the others. */
static void item_row(real *row, const struct decoder_write *d, const struct item *t,
                     int index)
{
    const struct decoder_config *c = &d->f->c;
    const struct decoder_names *names = decoder_architecture_of(c)->gguf_names;
    const struct decoder_source *s = &d->f->source;

    for (int w = (int)t->what; w < DECODER_MATRICES; w++) {
        enum decoder_matrix what = (enum decoder_matrix)w;
        int rows, columns, pairs = pairs_of(c, what);

        if (!decoder_has(c, what) || decoder_names_first(names, what) != t->what)
            continue;
        decoder_shape(c, what, &rows, &columns);
        if (!decoder_is_vector(what) && index >= rows) {
            index -= rows;
            continue;
        }
        s->row(row, what, t->layer, pairs && rows > 1 ? decoder_unpair_row(index, pairs)
                                                      : index, s->data);
        if (pairs && rows == 1)
            unpair(row, columns, pairs);
        if (!decoder_is_vector(what))
            return;
        row += columns;
    }
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
    int bad = 0;

#pragma omp parallel reduction(+ : bad)
    {
        real *row = mem_new((size_t)t->columns, sizeof *row);
        float *floats = mem_new((size_t)t->columns, sizeof *floats);

#pragma omp for schedule(static)
        for (int i = 0; i < n; i++) {
            item_row(row, d, t, first + i);
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
static const unsigned char *same_bytes(const struct decoder_write *d,
                                       const struct item *t)
{
    const struct decoder_source *s = &d->f->source;
    struct stored_part p;

    int rows, columns;

    decoder_shape(&d->f->c, t->what, &rows, &columns);
    if (!s->stored || rows != t->rows || columns != t->columns
        || (decoder_is_vector(t->what) && pairs_of(&d->f->c, t->what))
        || (decoder_is_norm(t->what)
            && decoder_architecture_of(&d->f->c)->files & DECODER_NORMS_FROM_ONE))
        return NULL;
    p = s->stored(t->what, t->layer, s->data);
    return p.type == dequant_find(t->type) && p.pairs == pairs_of(&d->f->c, t->what)
               ? p.data
               : NULL;
}

static int write_factors(struct decoder_write *d, struct error *e)
{
    for (int i = 0; i < decoder_rotated(&d->f->c) / 2; i++) {
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
            char *name = decoder_name(decoder_architecture_of(&d->f->c)->gguf_names, "",
                                      t->what, t->layer);

            result = fail(e, "'%s' has a number that %s cannot hold", name, q->name);
            free(name);
        }
    }
    free(out);
    return result;
}
