/* The sampled losses with negatives that all rows share. */
#include "cf/item_loss.h"

#include "nn/loss.h"
#include "nn/vecmath.h"

#include <string.h>

enum {
    FACTORS = 64,         /* of one logarithm: each within [1, 2], no product overflows */
    NEGATIVES_AT_ONCE = 128, /* of dE_n, one product */
};

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* x - shift, (n), becomes scale s(x), s the logistic function; returns the sum of
 * -log(1 - s(x)) = max(x, 0) + log(1 + exp(-|x|)).  The logarithms of FACTORS
 * sums are that of their product. */
static double against_row(real *x, int n, real shift, real scale)
{
    double sum = 0;

    for (int from = 0; from < n; from += FACTORS) {
        int to = smaller(from + FACTORS, n);
        real positive = 0, product = 1;

#pragma omp simd reduction(+ : positive) reduction(* : product)
        for (int i = from; i < to; i++) {
            real y = x[i] - shift, size = y < 0 ? -y : y, e = real_exp(-size);

            positive += y > 0 ? y : 0;
            product *= 1 + e;
            x[i] = scale * (y < 0 ? e : 1) / (1 + e);
        }
        sum += (double)positive + log((double)product);
    }
    return sum;
}

/* The target's term: its loss, its coefficient, and its part of dF (d). */
static double target_row(real *dF, const real *F, const real *e, int d, real shift,
                         double scale, real *coefficient)
{
    real logit = vec_dot(F, e, d) - shift, c = 0;
    double loss = bce_logits_all(&c, &logit, 1, 1, scale);

#pragma omp simd
    for (int j = 0; j < d; j++)
        dF[j] += c * e[j];
    *coefficient = c;
    return loss;
}

double item_loss_shared(real *dF, const real *F, const int32_t *target, int rows,
                        const real *E, const real *E_n, int n, int d, double b,
                        double shift, double scale, real *logits, real *coefficient)
{
    double loss = 0;

    for (long i = 0; i < rows; i++)
        if (target[i] >= 0)
            loss += scale * against_row(logits + i * n, n, (real)shift, (real)scale);
        else
            memset(logits + i * n, 0, (size_t)n * sizeof *logits);
    real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, d, n, 1, logits, n, E_n, d,
              0, dF, d);
    for (long i = 0; i < rows; i++) {
        coefficient[i] = 0;
        if (target[i] >= 0)
            loss += target_row(dF + i * d, F + i * d, E + (long)target[i] * d, d,
                               (real)shift, scale * b, &coefficient[i]);
    }
    return loss;
}

void item_loss_shared_scatter(real *dE_n, const real *coefficient, const real *F,
                              int rows, int n, int d)
{
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < n; i += NEGATIVES_AT_ONCE)
        real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans,
                  smaller(n - i, NEGATIVES_AT_ONCE), d, rows, 1, coefficient + i, n, F, d,
                  1, dE_n + (long)i * d, d);
}
