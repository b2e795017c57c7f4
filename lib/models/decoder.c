#include "models/decoder_parts.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Matrices of one layer put one below the other. */
struct stacked {
    const struct decoder_source *source;
    int layer, parts;
    struct {
        enum decoder_matrix what;
        int rows;
    } part[3];
};

static void stacked_row(real *row, int index, void *data)
{
    const struct stacked *s = data;
    int p = 0;

    while (index >= s->part[p].rows)
        index -= s->part[p++].rows;
    s->source->row(row, s->part[p].what, s->layer, index, s->source->data);
}

static real *read_norm(const struct decoder_source *s, enum decoder_matrix what, int layer,
                       int width)
{
    real *w = mem_new((size_t)width, sizeof *w);

    s->row(w, what, layer, 0, s->data);
    return w;
}

static void make_layer(struct decoder_layer *layer, int l, const struct decoder_config *c,
                       const struct decoder_source *source, enum frozen_precision precision)
{
    int q = c->heads * c->head_dim, kv = c->kv_heads * c->head_dim;
    struct stacked qkv = {
        source, l, 3, { { DECODER_Q, q }, { DECODER_K, kv }, { DECODER_V, kv } }
    };
    struct stacked out = { source, l, 1, { { DECODER_O, c->width } } };
    struct stacked gate_up = {
        source, l, 2, { { DECODER_GATE, c->ff }, { DECODER_UP, c->ff } }
    };
    struct stacked down = { source, l, 1, { { DECODER_DOWN, c->width } } };

    layer->attention_norm = read_norm(source, DECODER_ATTENTION_NORM, l, c->width);
    layer->ff_norm = read_norm(source, DECODER_FF_NORM, l, c->width);
    frozen_make(&layer->qkv, precision, q + 2 * kv, c->width, stacked_row, &qkv);
    frozen_make(&layer->out, precision, c->width, q, stacked_row, &out);
    frozen_make(&layer->gate_up, precision, 2 * c->ff, c->width, stacked_row, &gate_up);
    frozen_make(&layer->down, precision, c->width, c->ff, stacked_row, &down);
}

/* The table, and the root mean square over it (rows in fixed order). */
static void read_embeddings(struct decoder *m, const struct decoder_source *s)
{
    size_t vocab = (size_t)m->c.vocab, width = (size_t)m->c.width;
    double *square = mem_new(vocab, sizeof *square), sum = 0;

    m->embed = mem_new(vocab * width, sizeof *m->embed);
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < vocab; i++) {
        real *row = m->embed + i * width;

        s->row(row, DECODER_EMBED, 0, (int)i, s->data);
        for (size_t j = 0; j < width; j++)
            square[i] += (double)row[j] * (double)row[j];
    }
    for (size_t i = 0; i < vocab; i++)
        sum += square[i];
    m->embed_rms = (real)sqrt(sum / (double)(vocab * width));
    free(square);
}

static void embed_row(real *row, int index, void *data)
{
    decoder_embed(data, index, row);
}

static void make_head(struct decoder *m, const struct decoder_source *source,
                      enum frozen_precision precision)
{
    struct stacked head = { source, 0, 1, { { DECODER_HEAD, m->c.vocab } } };

    if (!source->tied)
        frozen_make(&m->head, precision, m->c.vocab, m->c.width, stacked_row, &head);
    else if (precision == FROZEN_REAL)
        frozen_borrow(&m->head, m->embed, m->c.vocab, m->c.width);
    else
        frozen_make(&m->head, precision, m->c.vocab, m->c.width, embed_row, m);
}

struct decoder *decoder_make(const struct decoder_config *c, const struct decoder_source *s,
                         enum frozen_precision precision)
{
    struct decoder *m = mem_new(1, sizeof *m);
    int half = c->head_dim / 2;

    m->c = *c;
    m->frequency = mem_new((size_t)half, sizeof *m->frequency);
    for (int j = 0; j < half; j++)
        m->frequency[j] = pow(c->rope_theta, -2.0 * j / c->head_dim)
                          / (s->factors ? s->factors[j] : 1);
    read_embeddings(m, s);
    m->layer = mem_new((size_t)c->layers, sizeof *m->layer);
    for (int l = 0; l < c->layers; l++)
        make_layer(&m->layer[l], l, c, s, precision);
    m->final_norm = read_norm(s, DECODER_FINAL_NORM, 0, c->width);
    make_head(m, s, precision);
    return m;
}

void decoder_free(struct decoder *m)
{
    if (!m)
        return;
    for (int l = 0; l < m->c.layers; l++) {
        struct decoder_layer *layer = &m->layer[l];

        free(layer->attention_norm);
        free(layer->ff_norm);
        frozen_free(&layer->qkv);
        frozen_free(&layer->out);
        frozen_free(&layer->gate_up);
        frozen_free(&layer->down);
    }
    frozen_free(&m->head);
    free(m->layer);
    free(m->embed);
    free(m->final_norm);
    free(m->frequency);
    free(m);
}

const struct decoder_config *decoder_config(const struct decoder *m)
{
    return &m->c;
}

void decoder_embed(const struct decoder *m, int id, real *row)
{
    memcpy(row, m->embed + (size_t)id * (size_t)m->c.width,
           (size_t)m->c.width * sizeof *row);
}

real decoder_embed_rms(const struct decoder *m)
{
    return m->embed_rms;
}
