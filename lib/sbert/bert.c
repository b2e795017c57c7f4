#include "sbert/bert.h"

#include "nn/layernorm.h"
#include "nn/vecgelu.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Below this length plain loops beat the cost of calling BLAS for each head
 * (heads are 32 or 64 wide). */
#define SHORT_SEQUENCE 48

struct bert_room {
    real *x;      /* (tokens, w) */
    real *y;      /* (tokens, w) */
    real *wide;   /* (tokens, max(3w, rows of a layer's up)) */
    real *scores; /* (longest sequence so far, the same) */
    int longest;
    float *row;   /* (w) one word as it is read */
};

struct bert_room *bert_room_new(const struct bert *b, int tokens)
{
    struct bert_room *r = mem_new(1, sizeof *r);
    size_t n = (size_t)tokens, w = (size_t)b->width;
    size_t inner = (size_t)b->inner * (b->gated ? 2 : 1);
    size_t wide = inner > 3 * w ? inner : 3 * w;

    r->x = mem_new(n * w, sizeof *r->x);
    r->y = mem_new(n * w, sizeof *r->y);
    r->wide = mem_new(n * wide, sizeof *r->wide);
    r->row = mem_new(w, sizeof *r->row);
    return r;
}

void bert_room_free(struct bert_room *r)
{
    free(r->x);
    free(r->y);
    free(r->wide);
    free(r->scores);
    free(r->row);
    free(r);
}

/* y (n, w) = x normalised; may be the same. */
static void normalize(real *y, const real *x, const struct bert_norm *norm,
                      const struct bert *b, int n)
{
    if (norm->w)
        layernorm_forward(y, NULL, NULL, x, norm->w, norm->b, n, b->width, b->eps);
    else if (y != x)
        memcpy(y, x, (size_t)n * (size_t)b->width * sizeof *y);
}

/* x (n, w): word + position + token type, normalised; one sequence of n tokens. */
static void embed(const struct bert *b, struct bert_room *r, real *x, const int *id,
                  int n)
{
    int w = b->width, next = b->first_position;
    struct error e;

    for (int i = 0; i < n; i++) {
        int at = id[i] == b->padding ? b->padding : next++;
        real *row = x + (size_t)i * (size_t)w;

        safetensors_read(r->row, b->word, (int64_t)id[i] * w, w, &e); /* type checked */
        for (int j = 0; j < w; j++)
            row[j] = r->row[j];
        for (int j = 0; b->position && j < w; j++)
            row[j] += b->position[(size_t)at * (size_t)w + (size_t)j];
        for (int j = 0; b->type && j < w; j++)
            row[j] += b->type[j];
    }
    normalize(x, x, &b->embedding_norm, b, n);
}

/* Turns the heads of a row's queries or keys (w) by its position's angles: coordinate m
 * goes with m + d / 2. */
static void turn_row(real *x, const real *turn, int heads, int d)
{
    int half = d / 2;
    const real *cosine = turn, *sine = turn + half;

    for (int h = 0; h < heads; h++, x += d)
        for (int m = 0; m < half; m++) {
            real a = x[m], b = x[m + half];

            x[m] = a * cosine[m] - b * sine[m];
            x[m + half] = b * cosine[m] + a * sine[m];
        }
}

/* s (n, n) = q k' scale; q, k, v (n, d) have rows `stride` apart. */
static void score(real *s, const real *q, const real *k, int n, int d, int stride,
                  real scale)
{
    if (n >= SHORT_SEQUENCE) {
        real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, n, d, scale, q, stride, k,
                  stride, 0, s, n);
        return;
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const real *a = q + (size_t)i * (size_t)stride;
            const real *c = k + (size_t)j * (size_t)stride;
            real sum = 0;

#pragma omp simd reduction(+ : sum)
            for (int m = 0; m < d; m++)
                sum += a[m] * c[m];
            s[i * n + j] = scale * sum;
        }
}

/* y (n, d) = s (n, n) v (n, d); rows of y are y_stride apart. */
static void mix(real *y, const real *s, const real *v, int n, int d, int y_stride,
                int stride)
{
    if (n >= SHORT_SEQUENCE) {
        real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, d, n, 1, s, n, v, stride,
                  0, y, y_stride);
        return;
    }
    for (int i = 0; i < n; i++) {
        real *out = y + (size_t)i * (size_t)y_stride;

        memset(out, 0, (size_t)d * sizeof *out);
        for (int j = 0; j < n; j++) {
            const real *value = v + (size_t)j * (size_t)stride;

            for (int m = 0; m < d; m++)
                out[m] += s[i * n + j] * value[m];
        }
    }
}

static void softmax_row(real *s, int n)
{
    real sum = (real)exp_row(s, s, max_row(s, n), n);

    for (int j = 0; j < n; j++)
        s[j] /= sum;
}

/* Adds the bias of distances, hides what is outside of the window, and takes the softmax
 * of scores s (n, n) of head h. */
static void weigh(const struct bert *b, const struct bert_layer *l, real *s, int h, int n)
{
    const real *bias = b->distance_bias;

    if (bias)
        bias += (size_t)h * (size_t)(2 * b->positions - 1) + (size_t)b->positions - 1;
    for (int i = 0; i < n; i++) {
        real *row = s + (size_t)i * (size_t)n;

        for (int j = 0; bias && j < n; j++)
            row[j] += bias[j - i];
        for (int j = 0; l->window && j < n; j++)
            if (abs(j - i) > l->window)
                row[j] = -INFINITY;
        softmax_row(row, n);
    }
}

/* y (n, w) from qkv (n, 3w), whose queries and keys are turned in place: every token sees
 * every token of its sequence, or of its window. */
static void attend(const struct bert *b, const struct bert_layer *l, real *y, real *s,
                   real *qkv, int n)
{
    int w = b->width, d = w / b->heads;
    real scale = 1 / (real)sqrt((double)d);

    for (int i = 0; l->turn && i < n; i++)
        for (int part = 0; part < 2; part++)
            turn_row(qkv + ((size_t)i * 3 + (size_t)part) * (size_t)w,
                     l->turn + (size_t)i * (size_t)d, b->heads, d);
    for (int h = 0; h < b->heads; h++) {
        const real *q = qkv + h * d, *k = q + w, *v = k + w;

        score(s, q, k, n, d, 3 * w, scale);
        weigh(b, l, s, h, n);
        mix(y + h * d, s, v, n, d, w, 3 * w);
    }
}

/* y (n, out) = x W' + bias, added to residual (n, out) where there is one. */
static void dense(real *y, const real *x, const struct frozen *W, const real *bias,
                  const real *residual, int n)
{
    for (int i = 0; i < n; i++) {
        real *row = y + (size_t)i * (size_t)W->out;

        for (int j = 0; j < W->out; j++)
            row[j] = bias ? bias[j] : 0;
        for (int j = 0; residual && j < W->out; j++)
            row[j] += residual[(size_t)i * (size_t)W->out + (size_t)j];
    }
    frozen_forward(y, x, W, n, true);
}

/* y (n, inner) = act(y), gated: y (n, inner) = act(y (n, 2 inner)'s first) times its
 * second half. */
static void activate(const struct bert *b, real *y, int n)
{
    size_t inner = (size_t)b->inner, row = inner * (b->gated ? 2 : 1);

    for (size_t i = 0; i < (size_t)n; i++) {
        const real *x = y + i * row, *gate = x + inner;
        real *out = y + i * inner;

        if (!b->act) {
#pragma omp simd
            for (size_t j = 0; j < inner; j++)
                out[j] = vec_gelu(x[j]);
        } else
            for (size_t j = 0; j < inner; j++)
                out[j] = b->act(x[j]);
        for (size_t j = 0; b->gated && j < inner; j++)
            out[j] *= gate[j];
    }
}

static void attend_all(const struct bert *b, const struct bert_layer *l,
                       struct bert_room *r, const int *start, int sequences)
{
    for (int s = 0; s < sequences; s++) {
        size_t first = (size_t)(start[s] - start[0]) * (size_t)b->width;
        int n = start[s + 1] - start[s];

        if (n > r->longest) {
            r->longest = n;
            r->scores = mem_resize(r->scores, (size_t)n * (size_t)n, sizeof *r->scores);
        }
        attend(b, l, r->y + first, r->scores, r->wide + 3 * first, n);
    }
}

/* x (tokens, w) goes through one block, in place; each sum is normalised. */
static void block(const struct bert *b, const struct bert_layer *l, struct bert_room *r,
                  const int *start, int sequences)
{
    int tokens = start[sequences] - start[0];

    dense(r->wide, r->x, &l->qkv, l->qkv_b, NULL, tokens);
    attend_all(b, l, r, start, sequences);
    dense(r->wide, r->y, &l->out, l->out_b, r->x, tokens);
    normalize(r->x, r->wide, &l->attention_norm, b, tokens);
    dense(r->wide, r->x, &l->up, l->up_b, NULL, tokens);
    activate(b, r->wide, tokens);
    dense(r->y, r->wide, &l->down, l->down_b, r->x, tokens);
    normalize(r->x, r->y, &l->norm, b, tokens);
}

/* The same where what is added to x is computed from x normalised. */
static void block_norm_first(const struct bert *b, const struct bert_layer *l,
                             struct bert_room *r, const int *start, int sequences)
{
    int tokens = start[sequences] - start[0];
    size_t bytes = (size_t)tokens * (size_t)b->width * sizeof *r->x;

    normalize(r->y, r->x, &l->attention_norm, b, tokens);
    dense(r->wide, r->y, &l->qkv, l->qkv_b, NULL, tokens);
    attend_all(b, l, r, start, sequences);
    dense(r->wide, r->y, &l->out, l->out_b, r->x, tokens);
    memcpy(r->x, r->wide, bytes);
    normalize(r->y, r->x, &l->norm, b, tokens);
    dense(r->wide, r->y, &l->up, l->up_b, NULL, tokens);
    activate(b, r->wide, tokens);
    dense(r->y, r->wide, &l->down, l->down_b, r->x, tokens);
    memcpy(r->x, r->y, bytes);
}

const real *bert_forward(const struct bert *b, struct bert_room *r, const int *id,
                         const int *start, int sequences)
{
    for (int s = 0; s < sequences; s++)
        embed(b, r, r->x + (size_t)(start[s] - start[0]) * (size_t)b->width,
              id + start[s], start[s + 1] - start[s]);
    for (int i = 0; i < b->layers; i++)
        (b->norm_first ? block_norm_first : block)(b, &b->layer[i], r, start, sequences);
    normalize(r->x, r->x, &b->final_norm, b, start[sequences] - start[0]);
    return r->x;
}
