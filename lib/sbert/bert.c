#include "sbert/bert.h"

#include "nn/layernorm.h"
#include "nn/vecgelu.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* Below this length plain loops beat the cost of calling BLAS for each head
 * (heads are 32 or 64 wide). */
#define SHORT_SEQUENCE 48

struct bert_room {
    real *x;      /* (tokens, w) */
    real *y;      /* (tokens, w) */
    real *wide;   /* (tokens, max(3w, inner)) */
    real *scores; /* (longest sequence, the same) */
    float *row;   /* (w) one word as it is read */
};

struct bert_room *bert_room_new(const struct bert *b, int tokens)
{
    struct bert_room *r = mem_new(1, sizeof *r);
    size_t n = (size_t)tokens, w = (size_t)b->width;
    size_t wide = (size_t)(b->inner > 3 * b->width ? b->inner : 3 * b->width);
    size_t longest = (size_t)(tokens < b->positions ? tokens : b->positions);

    r->x = mem_new(n * w, sizeof *r->x);
    r->y = mem_new(n * w, sizeof *r->y);
    r->wide = mem_new(n * wide, sizeof *r->wide);
    r->scores = mem_new(longest * longest, sizeof *r->scores);
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

/* x (n, w): word + position + token type, normalised; one sequence of n tokens. */
static void embed(const struct bert *b, struct bert_room *r, real *x, const int *id,
                  int n)
{
    int w = b->width;
    struct error e;

    for (int i = 0; i < n; i++) {
        const real *position = b->position + (size_t)(b->first_position + i) * (size_t)w;
        real *row = x + (size_t)i * (size_t)w;

        safetensors_read(r->row, b->word, (int64_t)id[i] * w, w, &e); /* type checked */
        for (int j = 0; j < w; j++)
            row[j] = r->row[j] + position[j];
        for (int j = 0; b->type && j < w; j++)
            row[j] += b->type[j];
    }
    layernorm_forward(x, NULL, NULL, x, b->norm_w, b->norm_b, n, w, b->eps);
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

/* y (n, w) from qkv (n, 3w): every token sees every token of its sequence. */
static void attend(const struct bert *b, real *y, real *s, const real *qkv, int n)
{
    int w = b->width, d = w / b->heads;
    real scale = 1 / (real)sqrt((double)d);

    for (int h = 0; h < b->heads; h++) {
        const real *q = qkv + h * d, *k = q + w, *v = k + w;
        const real *bias = b->distance_bias;

        score(s, q, k, n, d, 3 * w, scale);
        if (bias)
            bias += (size_t)h * (size_t)(2 * b->positions - 1) + (size_t)b->positions - 1;
        for (int i = 0; i < n; i++) {
            real *row = s + (size_t)i * (size_t)n;

            for (int j = 0; bias && j < n; j++)
                row[j] += bias[j - i];
            softmax_row(row, n);
        }
        mix(y + h * d, s, v, n, d, w, 3 * w);
    }
}

/* y (n, out) = x W' + bias, added to residual (n, out) where there is one. */
static void dense(real *y, const real *x, const struct frozen *W, const real *bias,
                  const real *residual, int n)
{
    for (int i = 0; i < n; i++) {
        real *row = y + (size_t)i * (size_t)W->out;

        memcpy(row, bias, (size_t)W->out * sizeof *row);
        for (int j = 0; residual && j < W->out; j++)
            row[j] += residual[(size_t)i * (size_t)W->out + (size_t)j];
    }
    frozen_forward(y, x, W, n, true);
}

static void gelu(real *y, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        y[i] = vec_gelu(y[i]);
}

/* x (tokens, w) goes through one block, in place. */
static void block(const struct bert *b, const struct bert_layer *l, struct bert_room *r,
                  const int *start, int sequences)
{
    int tokens = start[sequences] - start[0], w = b->width;

    dense(r->wide, r->x, &l->qkv, l->qkv_b, NULL, tokens);
    for (int s = 0; s < sequences; s++) {
        size_t first = (size_t)(start[s] - start[0]) * (size_t)w;

        attend(b, r->y + first, r->scores, r->wide + 3 * first, start[s + 1] - start[s]);
    }
    dense(r->wide, r->y, &l->out, l->out_b, r->x, tokens);
    layernorm_forward(r->x, NULL, NULL, r->wide, l->attention_norm_w, l->attention_norm_b,
                      tokens, w, b->eps);
    dense(r->wide, r->x, &l->up, l->up_b, NULL, tokens);
    gelu(r->wide, (size_t)tokens * (size_t)b->inner);
    dense(r->y, r->wide, &l->down, l->down_b, r->x, tokens);
    layernorm_forward(r->x, NULL, NULL, r->y, l->norm_w, l->norm_b, tokens, w, b->eps);
}

const real *bert_forward(const struct bert *b, struct bert_room *r, const int *id,
                         const int *start, int sequences)
{
    for (int s = 0; s < sequences; s++)
        embed(b, r, r->x + (size_t)(start[s] - start[0]) * (size_t)b->width,
              id + start[s], start[s + 1] - start[s]);
    for (int i = 0; i < b->layers; i++)
        block(b, &b->layer[i], r, start, sequences);
    return r->x;
}
