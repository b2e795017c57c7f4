/* Representations of windows, without what only training needs: of the last
 * block only each window's last row is computed. */
#include "cf/sasrec.h"

#include "cf/sasrec_tape.h"
#include "nn/activation.h"
#include "nn/layernorm.h"
#include "nn/linear.h"
#include "nn/vecmath.h"

#include <math.h>
#include <string.h>

/* One head's context (width) of the last row: q (width), k and v (n, width) with
 * stride ld, row 0 for `pads` keys alike, prob (n) scratch. */
static void attend_last(real *context, real *prob, const real *q, const real *k,
                        const real *v, int n, int width, int ld, int pads)
{
    int first = pads > 0 ? 0 : 1;
    real sum;

    real_gemv(CblasRowMajor, CblasNoTrans, n, width, (real)(1 / sqrt((double)width)), k,
              ld, q, 1, 0, prob, 1);
    if (pads > 0)
        prob[0] += (real)log((double)pads);
    sum = (real)exp_row(prob + first, prob + first, max_row(prob + first, n - first),
                        n - first);
    real_gemv(CblasRowMajor, CblasTrans, n - first, width, 1 / sum, v + (long)first * ld,
              ld, prob + first, 1, 0, context, 1);
}

static void attend_all_last(const struct backbone *m, struct backbone_tape *t,
                            struct sasrec_layer *l)
{
    int d = m->shape.width, width = d / m->shape.heads;

    for (int w = 0; w < t->windows; w++)
        for (int h = 0; h < m->shape.heads; h++) {
            const real *k = l->kv + (long)t->start[w] * 2 * d + h * width;
            long at = (long)w * d + h * width;

            attend_last(l->context + at, l->prob, l->q + at, k, k + d, t->length[w] + 1,
                        width, 2 * d, m->shape.maxlen - t->length[w]);
        }
}

/* The last block and the last norm: out (windows, d).  The tape's arrays hold
 * one row a window here, but for x and kv. */
static void last_block(const struct backbone *m, struct backbone_tape *t, real *out)
{
    const struct sasrec_places *places = sasrec_places(m);
    const struct sasrec_block *b = &places->block[m->shape.blocks - 1];
    struct sasrec_layer *l = &sasrec_inner(t)->layer[m->shape.blocks - 1];
    const real *p = m->p.values;
    int d = m->shape.width, n = t->windows;
    long kv = b->in_w + (long)d * d, count = (long)n * d;

    for (int w = 0; w < n; w++)
        memcpy(l->y + (long)w * d, l->x + (t->start[w + 1] - 1L) * d,
               (size_t)d * sizeof(real));
    layernorm_forward(l->query, NULL, NULL, l->y, p + b->norm1_w, p + b->norm1_b, n, d,
                      SASREC_EPS);
    linear_forward(l->q, l->query, p + b->in_w, p + b->in_b, n, d, d);
    linear_forward(l->kv, l->x, p + kv, p + b->in_b + d, t->rows, d, 2 * d);
    attend_all_last(m, t, l);
    linear_onto(l->y, l->query, l->context, p + b->out_w, p + b->out_b, n, d, d);
    layernorm_forward(l->z, NULL, NULL, l->y, p + b->norm2_w, p + b->norm2_b, n, d,
                      SASREC_EPS);
    linear_forward(l->active, l->z, p + b->conv1_w, p + b->conv1_b, n, d, d);
    relu_forward(l->active, l->active, count);
    linear_onto(l->y, l->z, l->active, p + b->conv2_w, p + b->conv2_b, n, d, d);
    layernorm_forward(out, NULL, NULL, l->y, p + places->last_w, p + places->last_b, n, d,
                      SASREC_EPS);
}

void sasrec_represent(const struct backbone *m, struct backbone_tape *t)
{
    sasrec_embed(m, t, 0, t->windows);
    for (int i = 0; i + 1 < m->shape.blocks; i++)
        sasrec_block_forward(m, t, i, sasrec_inner(t)->layer[i + 1].x, 0, t->windows);
    last_block(m, t, t->out);
}
