/* Forward and backward of SASRec over a batch of windows. */
#include "models/sasrec.h"

#include "models/sasrec_tape.h"
#include "nn/activation.h"
#include "nn/attention.h"
#include "nn/dropout.h"
#include "nn/layernorm.h"
#include "nn/linear.h"
#include "util/rng.h"

#include <assert.h>
#include <math.h>
#include <string.h>

void sasrec_batch(struct sasrec_tape *t, const struct sasrec *m, const int32_t *item,
                  const int *length, int windows, double dropout, uint64_t seed,
                  uint64_t step)
{
    assert(windows <= t->inner->room);
    t->item = item;
    t->length = length;
    t->windows = windows;
    for (int w = 0; w < windows; w++) {
        assert(length[w] >= 1 && length[w] <= m->shape.maxlen);
        t->start[w + 1] = t->start[w] + length[w] + 1;
    }
    t->rows = t->start[windows];
    t->inner->dropout = dropout;
    t->inner->seed = seed;
    t->inner->step = step;
}

/* All masks of one window, one after the other from one generator. */
static void draw_masks(const struct sasrec *m, struct sasrec_tape *t, int w)
{
    struct sasrec_inner *in = t->inner;
    rng r = rng_keyed("cf-train dropout", in->seed, in->step, (uint64_t)w);
    int n = t->length[w] + 1, pads = m->shape.maxlen - t->length[w];
    int side = m->shape.maxlen + 1, heads = m->shape.heads;
    long at = (long)t->start[w] * m->shape.width, count = (long)n * m->shape.width;

    dropout_mask(in->mask + at, count, in->dropout, &r);
    for (int i = 0; i < m->shape.blocks; i++) {
        struct sasrec_layer *l = &in->layer[i];

        for (int h = 0; h < heads; h++)
            attention_mask(l->mask + ((long)w * heads + h) * side * side, n, pads,
                           in->dropout, &r);
        dropout_mask(l->mask1 + at, count, in->dropout, &r);
        dropout_mask(l->mask2 + at, count, in->dropout, &r);
    }
}

/* Row 0 of each window stands for padding and is zero between the blocks. */
static void zero_padding(const struct sasrec_tape *t, real *x, int d, int from, int to)
{
    for (int w = from; w < to; w++)
        memset(x + (long)t->start[w] * d, 0, (size_t)d * sizeof *x);
}

/* x = item embedding times sqrt(d) plus position embedding. */
static void embed(const struct sasrec *m, struct sasrec_tape *t, real *x, int w)
{
    int d = m->shape.width, n = t->length[w];
    real root = (real)sqrt((double)d);
    const real *position = m->p.values + m->pos_emb + (long)(m->shape.maxlen - n) * d;
    const int32_t *item = t->item + (long)w * m->shape.maxlen;

    x += (t->start[w] + 1L) * d;
    for (int i = 0; i < n; i++, x += d, position += d) {
        const real *e = sasrec_item(m, item[i]);

        for (int j = 0; j < d; j++)
            x[j] = root * e[j] + position[j];
    }
}

/* d_in and the positions' gradient from dx, the gradient of embed's x. */
static void embed_backward(const struct sasrec *m, struct sasrec_tape *t, real *g,
                           const real *dx, int w)
{
    int d = m->shape.width, n = t->length[w];
    real root = (real)sqrt((double)d);
    real *dposition = g + m->pos_emb + (long)(m->shape.maxlen - n) * d;
    long at = (t->start[w] + 1L) * d, count = (long)n * d;

    for (long i = 0; i < count; i++) {
        dposition[i] += dx[at + i];
        t->d_in[at + i] = root * dx[at + i];
    }
}

static struct attention window_attention(const struct sasrec *m,
                                         const struct sasrec_tape *t, int w)
{
    int d = m->shape.width;

    return (struct attention){ .n = t->length[w] + 1, .width = d / m->shape.heads,
                               .ldq = d, .ldkv = 2 * d,
                               .pads = m->shape.maxlen - t->length[w] };
}

static void attend(const struct sasrec *m, struct sasrec_tape *t, struct sasrec_layer *l,
                   int w)
{
    struct attention a = window_attention(m, t, w);
    int side = m->shape.maxlen + 1, d = m->shape.width;
    long row = t->start[w];

    for (int h = 0; h < m->shape.heads; h++) {
        long square = ((long)w * m->shape.heads + h) * side * side;
        const real *k = l->kv + row * 2 * d + h * a.width;

        attention_forward(&a, l->context + row * d + h * a.width, l->prob + square,
                          l->used + square, l->q + row * d + h * a.width, k, k + d,
                          t->inner->dropout > 0 ? l->mask + square : NULL);
    }
}

/* dq, dkv from dcontext; all with the strides of q, kv and context. */
static void attend_backward(const struct sasrec *m, struct sasrec_tape *t,
                            struct sasrec_layer *l, real *dq, real *dkv,
                            const real *dcontext, int w)
{
    struct attention a = window_attention(m, t, w);
    int side = m->shape.maxlen + 1, d = m->shape.width;
    long row = t->start[w];

    for (int h = 0; h < m->shape.heads; h++) {
        long square = ((long)w * m->shape.heads + h) * side * side;
        long q = row * d + h * a.width, k = row * 2 * d + h * a.width;

        attention_backward(&a, dq + q, dkv + k, dkv + k + d, dcontext + q, l->q + q,
                           l->kv + k, l->kv + k + d, l->prob + square, l->used + square,
                           t->inner->dropout > 0 ? l->mask + square : NULL,
                           t->inner->scratch + (long)w * side * side);
    }
}

void sasrec_block_forward(const struct sasrec *m, struct sasrec_tape *t, int index,
                          real *next, int from, int to)
{
    const struct sasrec_block *b = &m->block[index];
    struct sasrec_layer *l = &t->inner->layer[index];
    const real *p = m->p.values;
    int d = m->shape.width, first = t->start[from], n = t->start[to] - first;
    long at = (long)first * d, count = (long)n * d, kv = b->in_w + (long)d * d;
    bool drops = t->inner->dropout > 0;

    layernorm_forward(l->query + at, l->mean1 + first, l->rstd1 + first, l->x + at,
                      p + b->norm1_w, p + b->norm1_b, n, d, SASREC_EPS);
    linear_forward(l->q + at, l->query + at, p + b->in_w, p + b->in_b, n, d, d);
    linear_forward(l->kv + 2 * at, l->x + at, p + kv, p + b->in_b + d, n, d, 2 * d);
    for (int w = from; w < to; w++)
        attend(m, t, l, w);
    linear_forward(l->y + at, l->context + at, p + b->out_w, p + b->out_b, n, d, d);
    params_merge(l->y + at, l->query + at, count);

    layernorm_forward(l->z + at, l->mean2 + first, l->rstd2 + first, l->y + at,
                      p + b->norm2_w, p + b->norm2_b, n, d, SASREC_EPS);
    linear_forward(l->hidden + at, l->z + at, p + b->conv1_w, p + b->conv1_b, n, d, d);
    if (drops)
        dropout_forward(l->hidden + at, l->hidden + at, l->mask1 + at, count);
    relu_forward(l->active + at, l->hidden + at, count);
    linear_forward(next + at, l->active + at, p + b->conv2_w, p + b->conv2_b, n, d, d);
    if (drops)
        dropout_forward(next + at, next + at, l->mask2 + at, count);
    params_merge(next + at, l->z + at, count);
    zero_padding(t, next, d, from, to);
}

/* The feed-forward half: dz (in->b) and gradients from dx (in->a). */
static void forward_half_backward(const struct sasrec *m, struct sasrec_tape *t,
                                  int index, real *g, int first, int n)
{
    const struct sasrec_block *b = &m->block[index];
    struct sasrec_inner *in = t->inner;
    struct sasrec_layer *l = &in->layer[index];
    const real *p = m->p.values;
    real *dx, *dz, *dh;
    int d = m->shape.width;
    long at = (long)first * d, count = (long)n * d;
    size_t bytes = (size_t)count * sizeof(real);

    dx = in->a + at, dz = in->b + at, dh = in->c + at;
    memcpy(dz, dx, bytes);
    if (in->dropout > 0)
        dropout_forward(dx, dx, l->mask2 + at, count);
    memset(dh, 0, bytes);
    linear_backward(dh, g + b->conv2_w, g + b->conv2_b, dx, l->active + at,
                    p + b->conv2_w, n, d, d);
    memset(dx, 0, bytes);
    relu_backward(dx, dh, l->hidden + at, count);
    if (in->dropout > 0)
        dropout_forward(dx, dx, l->mask1 + at, count);
    linear_backward(dz, g + b->conv1_w, g + b->conv1_b, dx, l->z + at, p + b->conv1_w, n,
                    d, d);
    memset(dx, 0, bytes);
    layernorm_backward(dx, g + b->norm2_w, g + b->norm2_b, dz, l->y + at, p + b->norm2_w,
                       l->mean2 + first, l->rstd2 + first, n, d);
}

/* The gradient of the block's output stands in in->a; its input's replaces it. */
static void block_backward(const struct sasrec *m, struct sasrec_tape *t, int index,
                           real *g, int from, int to)
{
    const struct sasrec_block *b = &m->block[index];
    struct sasrec_inner *in = t->inner;
    struct sasrec_layer *l = &in->layer[index];
    const real *p = m->p.values;
    int d = m->shape.width, first = t->start[from], n = t->start[to] - first;
    long at = (long)first * d, count = (long)n * d, kv = b->in_w + (long)d * d;
    size_t bytes = (size_t)count * sizeof(real);
    real *dy = in->a + at, *dcontext = in->b + at,
         *dq = in->c + at, *dkv = in->kv + 2 * at, *dquery = dy;

    zero_padding(t, in->a, d, from, to);
    forward_half_backward(m, t, index, g, first, n);
    memset(dcontext, 0, bytes);
    linear_backward(dcontext, g + b->out_w, g + b->out_b, dy, l->context + at,
                    p + b->out_w, n, d, d);
    memset(dq, 0, bytes);
    memset(dkv, 0, 2 * bytes);
    for (int w = from; w < to; w++)
        attend_backward(m, t, l, in->c, in->kv, in->b, w);
    linear_backward(dquery, g + b->in_w, g + b->in_b, dq, l->query + at, p + b->in_w, n, d,
                    d);
    memset(in->b + at, 0, bytes);
    linear_backward(in->b + at, g + kv, g + b->in_b + d, dkv, l->x + at, p + kv, n, d,
                    2 * d);
    layernorm_backward(in->b + at, g + b->norm1_w, g + b->norm1_b, dquery, l->x + at,
                       p + b->norm1_w, l->mean1 + first, l->rstd1 + first, n, d);
    memcpy(in->a + at, in->b + at, bytes);
}

void sasrec_embed(const struct sasrec *m, struct sasrec_tape *t, int from, int to)
{
    struct sasrec_inner *in = t->inner;
    int d = m->shape.width, first = t->start[from], n = t->start[to] - first;
    long at = (long)first * d;
    real *x = in->layer[0].x;

    for (int w = from; w < to; w++) {
        if (in->dropout > 0)
            draw_masks(m, t, w);
        embed(m, t, x, w);
    }
    if (in->dropout > 0)
        dropout_forward(x + at, x + at, in->mask + at, (long)n * d);
    zero_padding(t, x, d, from, to);
}

void sasrec_forward(const struct sasrec *m, struct sasrec_tape *t, int from, int to)
{
    struct sasrec_inner *in = t->inner;
    int d = m->shape.width, first = t->start[from], n = t->start[to] - first;
    long at = (long)first * d;

    sasrec_embed(m, t, from, to);
    for (int i = 0; i < m->shape.blocks; i++)
        sasrec_block_forward(m, t, i,
                             i + 1 < m->shape.blocks ? in->layer[i + 1].x : in->last,
                             from, to);
    layernorm_forward(t->out + at, in->mean + first, in->rstd + first, in->last + at,
                      m->p.values + m->last_w, m->p.values + m->last_b, n, d,
                      SASREC_EPS);
}

void sasrec_backward(const struct sasrec *m, struct sasrec_tape *t, real *g,
                     int from, int to)
{
    struct sasrec_inner *in = t->inner;
    int d = m->shape.width, first = t->start[from], n = t->start[to] - first;
    long at = (long)first * d, count = (long)n * d;

    zero_padding(t, t->d_out, d, from, to);
    memset(in->a + at, 0, (size_t)count * sizeof(real));
    layernorm_backward(in->a + at, g + m->last_w, g + m->last_b, t->d_out + at,
                       in->last + at, m->p.values + m->last_w, in->mean + first,
                       in->rstd + first, n, d);
    for (int i = m->shape.blocks - 1; i >= 0; i--)
        block_backward(m, t, i, g, from, to);
    if (in->dropout > 0)
        dropout_forward(in->a + at, in->a + at, in->mask + at, count);
    for (int w = from; w < to; w++)
        embed_backward(m, t, g, in->a, w);
}
