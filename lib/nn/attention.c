#include "nn/attention.h"

#include "nn/dropout.h"
#include "nn/vecmath.h"

#include <math.h>
#include <string.h>

static real scale_of(const struct attention *a)
{
    return (real)(1 / sqrt((double)a->width));
}

/* Softmax of row i over columns first .. i, zeros elsewhere. */
static void softmax_row(real *row, int first, int i, int n)
{
    int seen = i - first + 1;
    real scale =
        1 / (real)exp_row(row + first, row + first, max_row(row + first, seen), seen);

#pragma omp simd
    for (int j = first; j <= i; j++)
        row[j] *= scale;
    memset(row, 0, (size_t)first * sizeof *row);
    memset(row + i + 1, 0, (size_t)(n - i - 1) * sizeof *row);
}

void attention_forward(const struct attention *a, real *out, real *prob, real *used,
                       const real *q, const real *k, const real *v, const real *mask)
{
    int n = a->n, first = a->pads > 0 ? 0 : 1;
    real log_pads = a->pads > 0 ? (real)log((double)a->pads) : 0;

    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, n, a->width, scale_of(a), q,
              a->ldq, k, a->ldkv, 0, prob, n);
    memset(prob, 0, (size_t)n * sizeof *prob);
    for (int i = 1; i < n; i++) {
        prob[(long)i * n] += log_pads;
        softmax_row(prob + (long)i * n, first, i, n);
    }
    if (mask)
        dropout_forward(used, prob, mask, (long)n * n);
    real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, a->width, n, 1,
              mask ? used : prob, n, v, a->ldkv, 0, out, a->ldq);
}

/* dS = prob (dP - sum of dP prob), dP = dused mask; in place of dused. */
static void softmax_row_backward(real *ds, const real *prob, const real *mask, int i,
                                 int n)
{
    real sum = 0;

    if (mask)
        dropout_forward(ds, ds, mask, i + 1);
#pragma omp simd reduction(+ : sum)
    for (int j = 0; j <= i; j++)
        sum += ds[j] * prob[j];
#pragma omp simd
    for (int j = 0; j <= i; j++)
        ds[j] = prob[j] * (ds[j] - sum);
    memset(ds + i + 1, 0, (size_t)(n - i - 1) * sizeof *ds);
}

void attention_backward(const struct attention *a, real *dq, real *dk, real *dv,
                        const real *dout, const real *q, const real *k, const real *v,
                        const real *prob, const real *used, const real *mask,
                        real *scratch)
{
    int n = a->n, width = a->width;
    real scale = scale_of(a);

    real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, n, width, n, 1,
              mask ? used : prob, n, dout, a->ldq, 0, dv, a->ldkv);
    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, n, width, 1, dout, a->ldq, v,
              a->ldkv, 0, scratch, n);
    for (int i = 0; i < n; i++)
        softmax_row_backward(scratch + (long)i * n, prob + (long)i * n,
                             mask ? mask + (long)i * n : NULL, i, n);
    real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, width, n, scale, scratch, n,
              k, a->ldkv, 0, dq, a->ldq);
    real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, n, width, n, scale, scratch, n, q,
              a->ldq, 0, dk, a->ldkv);
}

/* How many of `pads` draws are kept, as a share times 1 / (1 - p). */
static real mean_of_draws(int pads, double p, rng *r)
{
    real draws[64], sum = 0;

    for (int from = 0; from < pads; from += 64) {
        int n = pads - from < 64 ? pads - from : 64;

        dropout_mask(draws, n, p, r);
        for (int j = 0; j < n; j++)
            sum += draws[j];
    }
    return pads > 0 ? sum / (real)pads : 0;
}

void attention_mask(real *mask, int n, int pads, double p, rng *r)
{
    for (int i = 0; i < n; i++) {
        real *row = mask + (long)i * n;

        row[0] = i > 0 ? mean_of_draws(pads, p, r) : 0;
        dropout_mask(row + 1, i, p, r);
        memset(row + i + 1, 0, (size_t)(n - i - 1) * sizeof *row);
    }
}
