#include "align/infonce.h"

#include <stdbool.h>
#include <string.h>
#include <tgmath.h>

/* Unit rows are at (n, d) each, cosines, gradients and factors of the logits. */
struct place {
    real *e, *q, *e_norm, *q_norm, *de, *dq, *cosine, *dlogit;
};

long infonce_work(int n, int d)
{
    return 4L * n * d + 2L * n * n + 2L * n;
}

static struct place lay_out(real *work, int n, int d)
{
    long nd = (long)n * d, nn = (long)n * n;
    struct place p = { .e = work, .q = work + nd, .de = work + 2 * nd,
                       .dq = work + 3 * nd, .cosine = work + 4 * nd };

    p.dlogit = p.cosine + nn;
    p.e_norm = p.dlogit + nn;
    p.q_norm = p.e_norm + n;
    return p;
}

static void unit_rows(real *unit, real *norm, const real *x, int n, int d)
{
    for (int i = 0; i < n; i++) {
        const real *row = x + (long)i * d;
        real sum = 0;

#pragma omp simd reduction(+ : sum)
        for (int j = 0; j < d; j++)
            sum += row[j] * row[j];
        norm[i] = sum > 0 ? sqrt(sum) : 1;
        for (int j = 0; j < d; j++)
            unit[(long)i * d + j] = row[j] / norm[i];
    }
}

/* Adds the gradient of x to dx, given that of the unit rows: its part across them. */
static void unit_rows_backward(real *dx, const real *dunit, const real *unit,
                               const real *norm, int n, int d)
{
    for (int i = 0; i < n; i++) {
        const real *u = unit + (long)i * d, *du = dunit + (long)i * d;
        real along = 0;

#pragma omp simd reduction(+ : along)
        for (int j = 0; j < d; j++)
            along += u[j] * du[j];
        for (int j = 0; j < d; j++)
            dx[(long)i * d + j] += (du[j] - along * u[j]) / norm[i];
    }
}

static bool compared(const int32_t *id, int i, int j)
{
    return j == i || id[j] != id[i];
}

/* -log softmax of line i at i, the line's numbers `step` apart; adds weight times
 * its gradient to dlogit. */
static double line_loss(real *dlogit, const real *cosine, const int32_t *id, int i, int n,
                        int step, real scale, real weight)
{
    real max = cosine[(long)i * step], own = max;
    double sum = 0;

    for (int j = 0; j < n; j++)
        if (compared(id, i, j) && cosine[(long)j * step] > max)
            max = cosine[(long)j * step];
    for (int j = 0; j < n; j++)
        if (compared(id, i, j))
            sum += exp(scale * (cosine[(long)j * step] - max));
    for (int j = 0; j < n; j++)
        if (compared(id, i, j))
            dlogit[(long)j * step] +=
                weight *
                (exp(scale * (cosine[(long)j * step] - max)) / (real)sum - (j == i));
    return log(sum) - (double)(scale * (own - max));
}

double infonce(real *de, real *dq, double *dscale, const real *e, const real *q,
               const int32_t *id, int n, int d, double scale, double weight, real *work)
{
    struct place p = lay_out(work, n, d);
    real each = (real)(weight / (2.0 * n)), s = (real)scale;
    double loss = 0;

    unit_rows(p.e, p.e_norm, e, n, d);
    unit_rows(p.q, p.q_norm, q, n, d);
    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, n, d, 1, p.e, d, p.q, d, 0,
              p.cosine, n);
    memset(p.dlogit, 0, (size_t)n * (size_t)n * sizeof *p.dlogit);
    for (int i = 0; i < n; i++) {
        loss += line_loss(p.dlogit + (long)i * n, p.cosine + (long)i * n, id, i, n, 1, s,
                          each);
        loss += line_loss(p.dlogit + i, p.cosine + i, id, i, n, n, s, each);
    }
    for (long i = 0; i < (long)n * n; i++)
        *dscale += (double)(p.dlogit[i] * p.cosine[i]);
    real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, d, n, s, p.dlogit, n, p.q, d, 0,
              p.de, d);
    real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, n, d, n, s, p.dlogit, n, p.e, d, 0,
              p.dq, d);
    unit_rows_backward(de, p.de, p.e, p.e_norm, n, d);
    unit_rows_backward(dq, p.dq, p.q, p.q_norm, n, d);
    return loss * weight / (2.0 * n);
}
