#include "nn/loss.h"

#include "nn/vecmath.h"

#include <string.h>
#include <tgmath.h>

/* max(x, 0) - x target + log(1 + exp(-|x|)) */
static double bce_one(real *dx, real x, real target, double scale)
{
    real e = exp(-fabs(x));

    if (dx) {
        real s = x >= 0 ? 1 / (1 + e) : e / (1 + e);

        *dx += (real)scale * (s - target);
    }
    return (x > 0 ? x : 0) - x * target + log1p(e);
}

double bce_logits(real *dx, const real *x, const real *target, long n, double scale)
{
    double sum = 0;

    for (long i = 0; i < n; i++)
        sum += bce_one(dx ? dx + i : NULL, x[i], target[i], scale);
    return sum * scale;
}

double bce_logits_all(real *dx, const real *x, real target, long n, double scale)
{
    double sum = 0;

    for (long i = 0; i < n; i++)
        sum += bce_one(dx ? dx + i : NULL, x[i], target, scale);
    return sum * scale;
}


/* dx += factor exp(x - max) */
static void add_softmax(real *dx, const real *x, real max, real factor, int classes)
{
    real e[EXP_BLOCK];

    for (int from = 0; from < classes; from += EXP_BLOCK) {
        int n = classes - from < EXP_BLOCK ? classes - from : EXP_BLOCK;

        exp_row(e, x + from, max, n);
        for (int j = 0; j < n; j++)
            dx[from + j] += factor * e[j];
    }
}

static double row_cross_entropy(real *dx, const real *x, int target, int classes,
                                real scale)
{
    real max = max_row(x, classes), at_target = x[target];
    double sum = dx == x ? exp_row(dx, x, max, classes) : exp_sum(x, max, classes);

    if (dx == x)
        for (int j = 0; j < classes; j++)
            dx[j] *= (real)(scale / sum);
    else if (dx)
        add_softmax(dx, x, max, (real)(scale / sum), classes);
    if (dx)
        dx[target] -= scale;
    return log(sum) - (double)(at_target - max);
}

double softmax_cross_entropy(real *dx, real *x, const int *target, int n, int classes,
                             double scale)
{
    double sum = 0;

    for (int i = 0; i < n; i++) {
        real *dx_row = dx ? dx + (long)i * classes : NULL, *row = x + (long)i * classes;

        if (target[i] >= 0)
            sum += row_cross_entropy(dx_row, row, target[i], classes, (real)scale);
        else if (dx == x)
            memset(row, 0, (size_t)classes * sizeof *row);
    }
    return sum * scale;
}

double squared_error(real *dx, real *dy, const real *x, const real *y, long n,
                     double scale)
{
    real slope = 2 * (real)scale;
    double sum = 0;

#pragma omp simd reduction(+ : sum)
    for (long i = 0; i < n; i++)
        sum += (double)(x[i] - y[i]) * (double)(x[i] - y[i]);
    for (long i = 0; dx && i < n; i++)
        dx[i] += slope * (x[i] - y[i]);
    for (long i = 0; dy && i < n; i++)
        dy[i] -= slope * (x[i] - y[i]);
    return sum * scale;
}
