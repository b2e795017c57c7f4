#include "llm/decoder_parts.h"
#include "nn/softcap.h"
#include "nn/vecmath.h"

#include <math.h>
#include <string.h>

/* For each block of queries and each key-value head, the query heads that share
 * it are stacked: R = queries * heads / kv_heads rows, head by head. */
struct stack {
    const struct decoder_plan *plan;
    const struct decoder_block *b;
    const struct decoder_range *range; /* the block's */
    int ranges;
    int group, queries; /* query heads of the key-value head; R = group * queries */
    int rows;           /* R */
    int dim, width;     /* head_dim, floats in a row of qkv */
    int stride;         /* of score */
    int q, k, v;        /* where the heads' queries, keys and values start in a row */
    int heads, head;    /* all, the first of the group */
    real scale, cap;
    const struct bf16_room *room; /* products in bfloat16; NULL: in real */
};

int decoder_score_stride(int rows)
{
    return (rows + 15) / 16 * 16;
}

static struct stack stack_of(const struct decoder_plan *plan, int block, int kv,
                             const struct decoder_config *c,
                             const struct decoder_workspace *w)
{
    const struct decoder_block *b = &plan->block[block];
    int group = c->heads / c->kv_heads, n = b->end - b->first;

    return (struct stack){
        .plan = plan,
        .b = b,
        .range = plan->range + b->range_first,
        .ranges = b->range_end - b->range_first,
        .group = group,
        .queries = n,
        .rows = group * n,
        .dim = c->head_dim,
        .width = decoder_qkv_width(c),
        .stride = decoder_score_stride(b->columns),
        .q = kv * group * c->head_dim,
        .k = (c->heads + kv) * c->head_dim,
        .v = (c->heads + c->kv_heads + kv) * c->head_dim,
        .heads = c->heads,
        .head = kv * group,
        .scale = decoder_attention_scale(c),
        .cap = (real)c->attention_cap,
        .room = w->bf16.left ? &w->bf16 : NULL,
    };
}

/* to (R, dim) from rows of `width` at `offset`; rows by number in the pack where
 * by_row, else by query. */
static void gather(real *to, const real *from, const struct stack *s, int width,
                   int offset, bool by_row)
{
    for (int h = 0; h < s->group; h++)
        for (int i = s->b->first; i < s->b->end; i++, to += s->dim) {
            int row = by_row ? s->plan->row[i] : i;

            memcpy(to, from + (size_t)row * (size_t)width + offset + h * s->dim,
                   (size_t)s->dim * sizeof *to);
        }
}

/* The way back, each row times factor[] (NULL: 1). */
static void scatter(real *to, const real *from, const struct stack *s, int width,
                    int offset, bool by_row, const real *factor)
{
    for (int h = 0, r = 0; h < s->group; h++)
        for (int i = s->b->first; i < s->b->end; i++, r++, from += s->dim) {
            int row = by_row ? s->plan->row[i] : i;
            real *out = to + (size_t)row * (size_t)width + offset + h * s->dim;
            real f = factor ? factor[r] : 1;

            for (int j = 0; j < s->dim; j++)
                out[j] = from[j] * f;
        }
}

/* The room's rows become those of qkv, at `offset`, that the block's columns mean. */
static void find_rows(const real *qkv, int offset, const struct stack *s)
{
    const real **row = s->room->row;

    for (int i = 0; i < s->ranges; i++)
        for (int r = s->range[i].from; r < s->range[i].to; r++)
            *row++ = qkv + (size_t)r * (size_t)s->width + offset;
}

/* The next three functions in bfloat16. */

static void score_rows_bf16(real *score, real *scaled, const real *x, const real *qkv,
                            int offset, const struct stack *s, real scale)
{
    for (int i = 0; i < s->rows * s->dim; i++)
        scaled[i] = scale * x[i];
    find_rows(qkv, offset, s);
    bf16_room_times_transposed(score, (size_t)s->stride, scaled, (size_t)s->dim, s->rows,
                               s->dim, s->b->columns, s->room);
}

static void mix_rows_bf16(real *y, const real *score, const real *qkv, int offset,
                          const struct stack *s)
{
    find_rows(qkv, offset, s);
    bf16_room_times(y, (size_t)s->dim, score, (size_t)s->stride, s->rows, s->b->columns,
                    s->dim, s->room);
}

static void add_rows_bf16(real *dqkv, const real *score, const real *x, int offset,
                          const struct stack *s)
{
    for (int i = 0; i < s->rows; i++)
        s->room->row[i] = x + (size_t)i * (size_t)s->dim;
    for (int i = 0; i < s->ranges; i++) {
        const struct decoder_range *g = &s->range[i];

        bf16_room_add_transposed(dqkv + (size_t)g->from * (size_t)s->width + offset,
                                 (size_t)s->width, score + g->at, (size_t)s->stride,
                                 g->to - g->from, s->rows, s->dim, s->room);
    }
}

/* score (R, columns) = scale * x (R, dim) keys^T, keys at `offset` of qkv's rows.
 * Scratch: scaled (R, dim). */
static void score_rows(real *score, real *scaled, const real *x, const real *qkv,
                       int offset, const struct stack *s, real scale)
{
    if (s->room) {
        score_rows_bf16(score, scaled, x, qkv, offset, s, scale);
        return;
    }
    for (int i = 0; i < s->ranges; i++) {
        const struct decoder_range *g = &s->range[i];

        real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, s->rows, g->to - g->from,
                  s->dim, scale, x, s->dim,
                  qkv + (size_t)g->from * (size_t)s->width + offset, s->width, 0,
                  score + g->at, s->stride);
    }
}

/* y (R, dim) = score (R, columns) rows of qkv at `offset` */
static void mix_rows(real *y, const real *score, const real *qkv, int offset,
                     const struct stack *s)
{
    if (s->room) {
        mix_rows_bf16(y, score, qkv, offset, s);
        return;
    }
    for (int i = 0; i < s->ranges; i++) {
        const struct decoder_range *g = &s->range[i];

        real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, s->rows, s->dim,
                  g->to - g->from, 1, score + g->at, s->stride,
                  qkv + (size_t)g->from * (size_t)s->width + offset, s->width, i > 0, y,
                  s->dim);
    }
}

/* rows of dqkv at `offset` += score^T x (R, dim) */
static void add_rows(real *dqkv, const real *score, const real *x, int offset,
                     const struct stack *s)
{
    if (s->room) {
        add_rows_bf16(dqkv, score, x, offset, s);
        return;
    }
    for (int i = 0; i < s->ranges; i++) {
        const struct decoder_range *g = &s->range[i];

        real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, g->to - g->from, s->dim,
                  s->rows, 1, score + g->at, s->stride, x, s->dim, 1,
                  dqkv + (size_t)g->from * (size_t)s->width + offset, s->width);
    }
}

/* score becomes exp(score - its maximum) in the columns seen and 0 in the others;
 * returns their sum, *max the maximum. */
static real exponentials(real *score, const struct decoder_range *seen, int count,
                         int columns, real *max)
{
    real m = -INFINITY;
    double sum = 0;
    int done = 0;

    for (int k = 0; k < count; k++) {
        int n = seen[k].to - seen[k].from;
        real most = n > 0 ? max_row(score + seen[k].from, n) : m;

        m = most > m ? most : m;
    }
    for (int k = 0; k < count; k++) {
        real *own = score + seen[k].from;

        memset(score + done, 0, (size_t)(seen[k].from - done) * sizeof *score);
        sum += exp_row(own, own, m, seen[k].to - seen[k].from);
        done = seen[k].to;
    }
    memset(score + done, 0, (size_t)(columns - done) * sizeof *score);
    *max = m;
    return (real)sum;
}

static void softmax_rows(const struct stack *s, real *score, real *inverse, real *lse)
{
    for (int r = 0; r < s->rows; r++) {
        int query = s->b->first + r % s->queries, head = s->head + r / s->queries;
        int first = s->plan->seen_first[query];
        real *row = score + (size_t)r * (size_t)s->stride, max, sum;

        if (s->cap > 0)
            softcap_forward(row, s->cap, s->b->columns);
        sum = exponentials(row, s->plan->seen + first,
                           s->plan->seen_first[query + 1] - first, s->b->columns, &max);
        inverse[r] = 1 / sum;
        lse[query * s->heads + head] = max + (real)log((double)sum);
    }
}

void decoder_attention_forward(real *attended, real *lse, const real *qkv,
                               const struct decoder_plan *plan,
                               const struct decoder_config *c,
                               struct decoder_workspace *w)
{
    for (int b = 0; b < plan->blocks; b++)
        for (int kv = 0; kv < c->kv_heads; kv++) {
            struct stack s = stack_of(plan, b, kv, c, w);

            gather(w->query, qkv, &s, s.width, s.q, true);
            score_rows(w->score, w->result, w->query, qkv, s.k, &s, s.scale);
            softmax_rows(&s, w->score, w->inverse, lse);
            mix_rows(w->result, w->score, qkv, s.v, &s);
            scatter(attended, w->result, &s, c->heads * c->head_dim, s.q, false,
                    w->inverse);
        }
}

/* Of one row, in the columns seen: p = exp(score - lse), and with d = sum p dp the
 * gradient of the scores p (dp - d) scale.  Elsewhere both become 0. */
static void softmax_backward(real *score, real *dscore, real lse, real scale,
                             const struct decoder_range *seen, int count, int columns)
{
    real d = 0;
    int done = 0;

    for (int k = 0; k < count; k++) {
        memset(score + done, 0, (size_t)(seen[k].from - done) * sizeof *score);
        memset(dscore + done, 0, (size_t)(seen[k].from - done) * sizeof *dscore);
#pragma omp simd reduction(+ : d)
        for (int j = seen[k].from; j < seen[k].to; j++) {
            score[j] = real_exp(score[j] - lse);
            d += score[j] * dscore[j];
        }
        done = seen[k].to;
    }
    memset(score + done, 0, (size_t)(columns - done) * sizeof *score);
    memset(dscore + done, 0, (size_t)(columns - done) * sizeof *dscore);
    for (int k = 0; k < count; k++) {
        for (int j = seen[k].from; j < seen[k].to; j++)
            dscore[j] = score[j] * (dscore[j] - d) * scale;
    }
}

/* slope (columns): scratch, where scores are capped. */
static void softmax_rows_backward(const struct stack *s, real *score, real *dscore,
                                  const real *lse, real *slope)
{
    for (int r = 0; r < s->rows; r++) {
        int query = s->b->first + r % s->queries, head = s->head + r / s->queries;
        int first = s->plan->seen_first[query];
        size_t at = (size_t)r * (size_t)s->stride;

        if (s->cap > 0) {
            softcap_forward(score + at, s->cap, s->b->columns);
            softcap_slope(slope, score + at, s->cap, s->b->columns);
        }
        softmax_backward(score + at, dscore + at, lse[query * s->heads + head], s->scale,
                         s->plan->seen + first, s->plan->seen_first[query + 1] - first,
                         s->b->columns);
        for (int j = 0; s->cap > 0 && j < s->b->columns; j++)
            dscore[at + (size_t)j] *= slope[j];
    }
}

void decoder_attention_backward(real *dqkv, const real *dattended, const real *qkv,
                              const real *lse, const struct decoder_plan *plan,
                              const struct decoder_config *c, struct decoder_workspace *w)
{
    memset(dqkv, 0, (size_t)w->rows * (size_t)decoder_qkv_width(c) * sizeof *dqkv);
    for (int b = 0; b < plan->blocks; b++)
        for (int kv = 0; kv < c->kv_heads; kv++) {
            struct stack s = stack_of(plan, b, kv, c, w);

            gather(w->query, qkv, &s, s.width, s.q, true);
            gather(w->dresult, dattended, &s, c->heads * c->head_dim, s.q, false);
            score_rows(w->score, w->result, w->query, qkv, s.k, &s, s.scale);
            score_rows(w->dscore, w->result, w->dresult, qkv, s.v, &s, 1);
            softmax_rows_backward(&s, w->score, w->dscore, lse, w->slope);
            add_rows(dqkv, w->score, w->dresult, s.v, &s);
            add_rows(dqkv, w->dscore, w->query, s.k, &s);
            mix_rows(w->result, w->dscore, qkv, s.k, &s);
            scatter(dqkv, w->result, &s, s.width, s.q, true, NULL);
        }
}

void decoder_rope(real *qkv, const struct decoder_config *c, const real *cosines,
                  const real *sines, int n, real sign)
{
    int half = decoder_rotated(c) / 2;

    for (int r = 0; r < n; r++) {
        const real *restrict cosine = cosines + (size_t)r * (size_t)half;
        const real *restrict sine = sines + (size_t)r * (size_t)half;
        real *row = qkv + (size_t)r * (size_t)decoder_qkv_width(c);

        for (int h = 0; h < c->heads + c->kv_heads; h++, row += c->head_dim) {
            real *restrict a = row, *restrict b = row + half;

#pragma omp simd
            for (int j = 0; j < half; j++) {
                real x = a[j], y = b[j], t = sign * sine[j];

                a[j] = x * cosine[j] - y * t;
                b[j] = y * cosine[j] + x * t;
            }
        }
    }
}
