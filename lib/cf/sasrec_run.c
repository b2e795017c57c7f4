/* Forward and backward of SASRec over a batch of windows.  Row 0 of each window stands
 * for padding and is zero between the blocks. */
#include "cf/sasrec.h"

#include "cf/sasrec_tape.h"
#include "nn/activation.h"
#include "nn/attention.h"
#include "nn/dropout.h"
#include "nn/layernorm.h"
#include "nn/linear.h"
#include "util/rng.h"

#include <math.h>
#include <string.h>

/* All masks of one window, one after the other from one generator. */
static void draw_masks(const struct backbone *m, struct backbone_tape *t, int w)
{
    struct sasrec_inner *in = t->inner;
    rng r = backbone_mask_rng(t, w);
    int n = t->length[w] + 1, pads = m->shape.maxlen - t->length[w];
    int side = m->shape.maxlen + 1, heads = m->shape.heads;
    long at = (long)t->start[w] * m->shape.width, count = (long)n * m->shape.width;

    dropout_mask(in->mask + at, count, t->dropout, &r);
    for (int i = 0; i < m->shape.blocks; i++) {
        struct sasrec_layer *l = &in->layer[i];

        for (int h = 0; h < heads; h++)
            attention_mask(l->mask + ((long)w * heads + h) * side * side, n, pads,
                           t->dropout, &r);
        dropout_mask(l->mask1 + at, count, t->dropout, &r);
        dropout_mask(l->mask2 + at, count, t->dropout, &r);
    }
}

/* x = item embedding times sqrt(d) plus position embedding. */
static void embed(const struct backbone *m, struct backbone_tape *t, real *x, int w)
{
    int d = m->shape.width, n = t->length[w];
    real root = (real)sqrt((double)d);
    const real *position =
        m->p.values + sasrec_places(m)->pos_emb + (long)(m->shape.maxlen - n) * d;
    const int32_t *item = t->item + (long)w * m->shape.maxlen;

    x += (t->start[w] + 1L) * d;
    for (int i = 0; i < n; i++, x += d, position += d) {
        const real *e = backbone_item(m, item[i]);

        for (int j = 0; j < d; j++)
            x[j] = root * e[j] + position[j];
    }
}

/* d_in and the positions' gradient from dx, the gradient of embed's x. */
static void embed_backward(const struct backbone *m, struct backbone_tape *t, real *g,
                           const real *dx, int w)
{
    int d = m->shape.width, n = t->length[w];
    real root = (real)sqrt((double)d);
    real *dposition = g + sasrec_places(m)->pos_emb + (long)(m->shape.maxlen - n) * d;
    long at = (t->start[w] + 1L) * d, count = (long)n * d;

    for (long i = 0; i < count; i++) {
        dposition[i] += dx[at + i];
        t->d_in[at + i] = root * dx[at + i];
    }
}

static struct attention window_attention(const struct backbone *m,
                                         const struct backbone_tape *t, int w)
{
    int d = m->shape.width;

    return (struct attention){ .n = t->length[w] + 1, .width = d / m->shape.heads,
                               .ldq = d, .ldkv = 2 * d,
                               .pads = m->shape.maxlen - t->length[w] };
}

static void attend(const struct backbone *m, struct backbone_tape *t,
                   struct sasrec_layer *l, int w)
{
    struct attention a = window_attention(m, t, w);
    int side = m->shape.maxlen + 1, d = m->shape.width;
    long row = t->start[w];

    for (int h = 0; h < m->shape.heads; h++) {
        long square = ((long)w * m->shape.heads + h) * side * side;
        const real *k = l->kv + row * 2 * d + h * a.width;

        attention_forward(&a, l->context + row * d + h * a.width, l->prob + square,
                          l->used + square, l->q + row * d + h * a.width, k, k + d,
                          t->dropout > 0 ? l->mask + square : NULL);
    }
}

/* dq, dkv from dcontext; all with the strides of q, kv and context. */
static void attend_backward(const struct backbone *m, struct backbone_tape *t,
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
                           t->dropout > 0 ? l->mask + square : NULL,
                           sasrec_inner(t)->scratch + (long)w * side * side);
    }
}

/* Dropout (mask NULL: none), then ReLU, in place. */
static void drop_and_relu(real *y, const real *mask, long n)
{
    if (mask)
        dropout_forward(y, y, mask, n);
    relu_forward(y, y, n);
}

/* The gradient of its output y to that of its input, in place: y is positive just
 * where both let through. */
static void drop_and_relu_backward(real *dy, const real *y, const real *mask, long n)
{
    if (mask)
        dropout_forward(dy, dy, mask, n);
#pragma omp simd
    for (long i = 0; i < n; i++)
        dy[i] = y[i] > 0 ? dy[i] : 0;
}

void sasrec_block_forward(const struct backbone *m, struct backbone_tape *t, int index,
                          real *next, int from, int to)
{
    const struct sasrec_block *b = &sasrec_places(m)->block[index];
    struct sasrec_layer *l = &sasrec_inner(t)->layer[index];
    const real *p = m->p.values;
    int d = m->shape.width, first = t->start[from], n = t->start[to] - first;
    long at = (long)first * d, count = (long)n * d, kv = b->in_w + (long)d * d;
    bool drops = t->dropout > 0;

    layernorm_forward(l->query + at, l->mean1 + first, l->rstd1 + first, l->x + at,
                      p + b->norm1_w, p + b->norm1_b, n, d, SASREC_EPS);
    linear_forward(l->q + at, l->query + at, p + b->in_w, p + b->in_b, n, d, d);
    linear_forward(l->kv + 2 * at, l->x + at, p + kv, p + b->in_b + d, n, d, 2 * d);
    for (int w = from; w < to; w++)
        attend(m, t, l, w);
    linear_onto(l->y + at, l->query + at, l->context + at, p + b->out_w, p + b->out_b, n,
                d, d);

    layernorm_forward(l->z + at, l->mean2 + first, l->rstd2 + first, l->y + at,
                      p + b->norm2_w, p + b->norm2_b, n, d, SASREC_EPS);
    linear_forward(l->active + at, l->z + at, p + b->conv1_w, p + b->conv1_b, n, d, d);
    drop_and_relu(l->active + at, drops ? l->mask1 + at : NULL, count);
    if (drops) {
        linear_forward(next + at, l->active + at, p + b->conv2_w, p + b->conv2_b, n, d,
                       d);
        dropout_onto(next + at, l->z + at, next + at, l->mask2 + at, count);
    } else {
        linear_onto(next + at, l->z + at, l->active + at, p + b->conv2_w, p + b->conv2_b,
                    n, d, d);
    }
    backbone_zero_first(t, next, d, 0, from, to);
}

/* Gradients on their way back through one block: rows that begin at that of its
 * first window.  dx is that of the block's output, and of its input when done. */
struct flow {
    real *dx, *a, *b, *kv;
};

/* The feed-forward half: dy, the gradient of the norm's input, in f->a. */
static void forward_half_backward(const struct backbone *m, struct backbone_tape *t,
                                  int index, real *g, struct flow *f, int first, int n)
{
    const struct sasrec_block *b = &sasrec_places(m)->block[index];
    struct sasrec_layer *l = &sasrec_inner(t)->layer[index];
    const real *p = m->p.values;
    bool drops = t->dropout > 0;
    int d = m->shape.width;
    long at = (long)first * d, count = (long)n * d;
    real *dconv2 = drops ? f->a : f->dx, *dz = f->dx;

    if (drops)
        dropout_forward(dconv2, f->dx, l->mask2 + at, count);
    linear_input_gradient(f->b, dconv2, p + b->conv2_w, n, d, d);
    linear_backward(NULL, g + b->conv2_w, g + b->conv2_b, dconv2, l->active + at, NULL, n,
                    d, d);
    drop_and_relu_backward(f->b, l->active + at, drops ? l->mask1 + at : NULL, count);
    linear_backward(dz, g + b->conv1_w, g + b->conv1_b, f->b, l->z + at, p + b->conv1_w,
                    n, d, d);
    memset(f->a, 0, (size_t)count * sizeof(real));
    layernorm_backward(f->a, g + b->norm2_w, g + b->norm2_b, dz, l->y + at,
                       p + b->norm2_w, l->mean2 + first, l->rstd2 + first, n, d);
}

static void block_backward(const struct backbone *m, struct backbone_tape *t, int index,
                           real *g, struct flow *f, int from, int to)
{
    const struct sasrec_block *b = &sasrec_places(m)->block[index];
    struct sasrec_layer *l = &sasrec_inner(t)->layer[index];
    const real *p = m->p.values;
    int d = m->shape.width, first = t->start[from], n = t->start[to] - first;
    long at = (long)first * d, kv = b->in_w + (long)d * d;
    real *dy = f->a, *dcontext = f->b, *dq = f->dx, *dquery = dy, *dx = f->b;

    backbone_zero_first(t, f->dx, d, first, from, to);
    forward_half_backward(m, t, index, g, f, first, n);
    linear_input_gradient(dcontext, dy, p + b->out_w, n, d, d);
    linear_backward(NULL, g + b->out_w, g + b->out_b, dy, l->context + at, NULL, n, d, d);
    for (int w = from; w < to; w++)
        attend_backward(m, t, l, dq - at, f->kv - 2 * at, dcontext - at, w);
    linear_backward(dquery, g + b->in_w, g + b->in_b, dq, l->query + at, p + b->in_w, n,
                    d, d);
    linear_input_gradient(dx, f->kv, p + kv, n, d, 2 * d);
    linear_backward(NULL, g + kv, g + b->in_b + d, f->kv, l->x + at, NULL, n, d, 2 * d);
    layernorm_backward(dx, g + b->norm1_w, g + b->norm1_b, dquery, l->x + at,
                       p + b->norm1_w, l->mean1 + first, l->rstd1 + first, n, d);
    f->b = f->dx;
    f->dx = dx;
}

void sasrec_embed(const struct backbone *m, struct backbone_tape *t, int from, int to)
{
    struct sasrec_inner *in = t->inner;
    int d = m->shape.width, first = t->start[from], n = t->start[to] - first;
    long at = (long)first * d;
    real *x = in->layer[0].x;

    for (int w = from; w < to; w++) {
        if (t->dropout > 0)
            draw_masks(m, t, w);
        embed(m, t, x, w);
    }
    if (t->dropout > 0)
        dropout_forward(x + at, x + at, in->mask + at, (long)n * d);
    backbone_zero_first(t, x, d, 0, from, to);
}

void sasrec_forward(const struct backbone *m, struct backbone_tape *t, int from, int to)
{
    const struct sasrec_places *places = sasrec_places(m);
    struct sasrec_inner *in = t->inner;
    int d = m->shape.width, first = t->start[from], n = t->start[to] - first;
    long at = (long)first * d;

    sasrec_embed(m, t, from, to);
    for (int i = 0; i < m->shape.blocks; i++)
        sasrec_block_forward(m, t, i,
                             i + 1 < m->shape.blocks ? in->layer[i + 1].x : in->last,
                             from, to);
    layernorm_forward(t->out + at, in->mean + first, in->rstd + first, in->last + at,
                      m->p.values + places->last_w, m->p.values + places->last_b, n, d,
                      SASREC_EPS);
}

void sasrec_backward(const struct backbone *m, struct backbone_tape *t, real *g,
                     int from, int to)
{
    const struct sasrec_places *places = sasrec_places(m);
    struct sasrec_inner *in = t->inner;
    int d = m->shape.width, first = t->start[from], n = t->start[to] - first;
    long at = (long)first * d, count = (long)n * d;

    struct flow f = { in->a + at, in->b + at, in->c + at, in->kv + 2 * at };

    backbone_zero_first(t, t->d_out, d, 0, from, to);
    memset(f.dx, 0, (size_t)count * sizeof(real));
    layernorm_backward(f.dx, g + places->last_w, g + places->last_b, t->d_out + at,
                       in->last + at, m->p.values + places->last_w, in->mean + first,
                       in->rstd + first, n, d);
    for (int i = m->shape.blocks - 1; i >= 0; i--)
        block_backward(m, t, i, g, &f, from, to);
    if (t->dropout > 0)
        dropout_forward(f.dx, f.dx, in->mask + at, count);
    for (int w = from; w < to; w++)
        embed_backward(m, t, g, f.dx - at, w);
}
