#include "llm/decoder_parts.h"
#include "util/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Matrices of one layer put one below the other. */
struct stacked {
    const struct decoder_source *source;
    int layer, parts;
    struct {
        enum decoder_matrix what, bias;
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

/* As it is stored, where that is asked for and possible, else expanded. */
static void make_frozen(struct frozen *W, enum frozen_precision precision, int out,
                        int in, struct stacked *s)
{
    struct frozen_blocks blocks = { .out = out, .in = in, .parts = s->parts };

    if (!frozen_is_stored(precision) || !frozen_available(precision)
        || !s->source->stored) {
        frozen_make(W, precision, out, in, stacked_row, s);
        return;
    }
    for (int p = 0; p < s->parts; p++)
        blocks.part[p] = s->source->stored(s->part[p].what, s->layer, s->source->data);
    frozen_store(W, precision, &blocks);
}

/* Row after row, or NULL where a model of this config has none. */
static real *read_rows(const struct decoder_config *c, const struct decoder_source *s,
                       enum decoder_matrix what, int layer)
{
    int rows, columns;
    real *w;

    if (!decoder_has(c, what))
        return NULL;
    decoder_shape(c, what, &rows, &columns);
    w = mem_new((size_t)rows * (size_t)columns, sizeof *w);
    for (int i = 0; i < rows; i++)
        s->row(w + (size_t)i * (size_t)columns, what, layer, i, s->data);
    return w;
}

static struct decoder_norm read_norm(const struct decoder_config *c,
                                     const struct decoder_source *s,
                                     enum decoder_matrix w, enum decoder_matrix b,
                                     int layer)
{
    return (struct decoder_norm){ read_rows(c, s, w, layer), read_rows(c, s, b, layer) };
}

static void free_norm(struct decoder_norm *norm)
{
    free(norm->w);
    free(norm->b);
}

/* The matrices of s, with their biases one after the other. */
static void make_linear(struct decoder_linear *f, const struct decoder_config *c,
                        struct stacked *s, enum frozen_precision precision)
{
    int rows = 0, columns = 0, at = 0;

    for (int p = 0; p < s->parts; p++) {
        decoder_shape(c, s->part[p].what, &s->part[p].rows, &columns);
        rows += s->part[p].rows;
    }
    make_frozen(&f->w, precision, rows, columns, s);
    if (!decoder_has(c, s->part[0].bias))
        return;
    f->bias = mem_new((size_t)rows, sizeof *f->bias);
    for (int p = 0; p < s->parts; at += s->part[p++].rows)
        s->source->row(f->bias + at, s->part[p].bias, s->layer, 0, s->source->data);
}

static void free_linear(struct decoder_linear *f)
{
    frozen_free(&f->w);
    free(f->bias);
}

static void make_layer(struct decoder_layer *layer, int l, const struct decoder_config *c,
                       const struct decoder_source *source,
                       enum frozen_precision precision)
{
    struct stacked qkv = { source, l, 3, { { DECODER_Q, DECODER_Q_BIAS, 0 },
                                           { DECODER_K, DECODER_K_BIAS, 0 },
                                           { DECODER_V, DECODER_V_BIAS, 0 } } };
    struct stacked out = { source, l, 1, { { DECODER_O, DECODER_O_BIAS, 0 } } };
    struct stacked gate_up = { source, l, 2, { { DECODER_GATE, DECODER_UP_BIAS, 0 },
                                               { DECODER_UP, DECODER_UP_BIAS, 0 } } };
    struct stacked up = { source, l, 1, { { DECODER_UP, DECODER_UP_BIAS, 0 } } };
    struct stacked down = { source, l, 1, { { DECODER_DOWN, DECODER_DOWN_BIAS, 0 } } };

    layer->attention_norm =
        read_norm(c, source, DECODER_ATTENTION_NORM, DECODER_ATTENTION_NORM_BIAS, l);
    layer->ff_norm = read_norm(c, source, DECODER_FF_NORM, DECODER_FF_NORM_BIAS, l);
    layer->attention_post_norm.w = read_rows(c, source, DECODER_ATTENTION_POST_NORM, l);
    layer->ff_post_norm.w = read_rows(c, source, DECODER_FF_POST_NORM, l);
    layer->q_norm = read_rows(c, source, DECODER_Q_NORM, l);
    layer->k_norm = read_rows(c, source, DECODER_K_NORM, l);
    make_linear(&layer->qkv, c, &qkv, precision);
    make_linear(&layer->out, c, &out, precision);
    make_linear(&layer->gate_up, c, decoder_has(c, DECODER_GATE) ? &gate_up : &up,
                precision);
    make_linear(&layer->down, c, &down, precision);
}

/* Over the whole table, its rows in fixed order. */
static real root_mean_square(const struct frozen *table)
{
    size_t rows = (size_t)table->out, width = (size_t)table->in;
    double *square = mem_new(rows, sizeof *square), sum = 0;

#pragma omp parallel
    {
        real *row = mem_new(width, sizeof *row);

#pragma omp for schedule(static)
        for (size_t i = 0; i < rows; i++) {
            frozen_row(table, (int)i, row);
            for (size_t j = 0; j < width; j++)
                square[i] += (double)row[j] * (double)row[j];
        }
        free(row);
    }
    for (size_t i = 0; i < rows; i++)
        sum += square[i];
    free(square);
    return (real)sqrt(sum / (double)(rows * width));
}

/* One without bias. */
static void make_matrix(struct frozen *W, const struct decoder_config *c,
                        const struct decoder_source *source, enum decoder_matrix what,
                        enum frozen_precision precision)
{
    struct stacked s = { source, 0, 1, { { .what = what } } };
    int columns;

    decoder_shape(c, what, &s.part[0].rows, &columns);
    make_frozen(W, precision, s.part[0].rows, columns, &s);
}

static void embed_row(real *row, int index, void *data)
{
    decoder_embed(data, index, row);
}

/* Embeddings are looked up, not multiplied: in full precision, or as they are stored. */
static void make_embed(struct decoder *m, const struct decoder_source *source,
                       enum frozen_precision precision)
{
    make_matrix(&m->embed, &m->c, source, DECODER_EMBED,
                frozen_is_stored(precision) ? precision : FROZEN_REAL);
    m->embed_rms = root_mean_square(&m->embed);
}

static void make_head(struct decoder *m, const struct decoder_source *source,
                      enum frozen_precision precision)
{
    int vocab = m->c.vocab, width = m->c.embed_width;

    if (!source->tied)
        make_matrix(&m->head, &m->c, source, DECODER_HEAD, precision);
    else if (frozen_is_stored(m->embed.precision))
        frozen_store(&m->head, precision, &m->embed.stored);
    else if (precision == FROZEN_REAL)
        frozen_borrow(&m->head, m->embed.w, vocab, width);
    else
        frozen_make(&m->head, precision, vocab, width, embed_row, m);
}

/* theta^(-2j / rotated), divided by what the source has for it. */
static double *frequencies(const struct decoder_config *c, double theta,
                           const double *factors)
{
    int rotated = decoder_rotated(c);
    double *f = mem_new((size_t)rotated / 2, sizeof *f);

    for (int j = 0; j < rotated / 2; j++)
        f[j] = pow(theta, -2.0 * j / rotated) / (factors ? factors[j] : 1);
    return f;
}

/* Rotary: what the angles are made of.  Learned: the table. */
static void make_positions(struct decoder *m, const struct decoder_source *s)
{
    int kinds = decoder_rope_kinds(&m->c);

    m->position = read_rows(&m->c, s, DECODER_POSITION, 0);
    if (kinds > 0)
        m->frequency[0] = frequencies(&m->c, m->c.rope_theta, s->factors);
    if (kinds > 1)
        m->frequency[1] = frequencies(&m->c, m->c.rope_theta_local, NULL);
}

struct decoder *decoder_make(const struct decoder_config *c,
                             const struct decoder_source *s,
                             enum frozen_precision precision)
{
    struct decoder *m = mem_new(1, sizeof *m);

    precision = frozen_possible(precision);
    m->c = *c;
    make_positions(m, s);
    make_embed(m, s, precision);
    m->layer = mem_new((size_t)c->layers, sizeof *m->layer);
    for (int l = 0; l < c->layers; l++)
        make_layer(&m->layer[l], l, c, s, precision);
    m->final_norm = read_norm(c, s, DECODER_FINAL_NORM, DECODER_FINAL_NORM_BIAS, 0);
    if (decoder_projects(c)) {
        make_matrix(&m->project_in, c, s, DECODER_PROJECT_IN, precision);
        make_matrix(&m->project_out, c, s, DECODER_PROJECT_OUT, precision);
    }
    make_head(m, s, precision);
    return m;
}

void decoder_add_backward(struct decoder *m)
{
    for (int l = 0; l < m->c.layers; l++) {
        struct decoder_layer *layer = &m->layer[l];

        frozen_add_backward(&layer->qkv.w);
        frozen_add_backward(&layer->out.w);
        frozen_add_backward(&layer->gate_up.w);
        frozen_add_backward(&layer->down.w);
    }
    frozen_add_backward(&m->head);
    frozen_add_backward(&m->project_in);
    frozen_add_backward(&m->project_out);
}

void decoder_free(struct decoder *m)
{
    if (!m)
        return;
    for (int l = 0; l < m->c.layers; l++) {
        struct decoder_layer *layer = &m->layer[l];

        free_norm(&layer->attention_norm);
        free_norm(&layer->ff_norm);
        free_norm(&layer->attention_post_norm);
        free_norm(&layer->ff_post_norm);
        free(layer->q_norm);
        free(layer->k_norm);
        free_linear(&layer->qkv);
        free_linear(&layer->out);
        free_linear(&layer->gate_up);
        free_linear(&layer->down);
    }
    frozen_free(&m->head);
    frozen_free(&m->project_in);
    frozen_free(&m->project_out);
    free_norm(&m->final_norm);
    free(m->layer);
    frozen_free(&m->embed);
    free(m->position);
    free(m->frequency[0]);
    free(m->frequency[1]);
    if (m->source.close)
        m->source.close(m->source.data);
    free(m);
}

const struct decoder_config *decoder_config(const struct decoder *m)
{
    return &m->c;
}

void decoder_embed(const struct decoder *m, int id, real *row)
{
    frozen_row(&m->embed, id, row);
}

real decoder_embed_rms(const struct decoder *m)
{
    return m->embed_rms;
}
