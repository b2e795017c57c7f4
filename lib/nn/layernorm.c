#include "nn/layernorm.h"

#include <tgmath.h>

void layernorm_forward(real *y, real *mean, real *rstd, const real *x, const real *w,
                       const real *b, int n, int d, real eps)
{
    for (int i = 0; i < n; i++, x += d, y += d) {
        real sum = 0, squares = 0, m, r;

#pragma omp simd reduction(+ : sum)
        for (int j = 0; j < d; j++)
            sum += x[j];
        m = sum / (real)d;
#pragma omp simd reduction(+ : squares)
        for (int j = 0; j < d; j++)
            squares += (x[j] - m) * (x[j] - m);
        r = 1 / sqrt(squares / (real)d + eps);
#pragma omp simd
        for (int j = 0; j < d; j++)
            y[j] = (x[j] - m) * r * w[j] + b[j];
        if (mean)
            mean[i] = m;
        if (rstd)
            rstd[i] = r;
    }
}

static void add_dx(real *dx, const real *dy, const real *x, const real *w, real m, real r,
                   real g_mean, real gz_mean, int d)
{
#pragma omp simd
    for (int j = 0; j < d; j++)
        dx[j] += r * (dy[j] * w[j] - g_mean - (x[j] - m) * r * gz_mean);
}

static void add_dw(real *dw, const real *dy, const real *x, real m, real r, int d)
{
#pragma omp simd
    for (int j = 0; j < d; j++)
        dw[j] += dy[j] * (x[j] - m) * r;
}

static void add_db(real *db, const real *dy, int d)
{
#pragma omp simd
    for (int j = 0; j < d; j++)
        db[j] += dy[j];
}

/* With z = (x - mean) rstd and g = dy w:
 * dx = rstd (g - mean(g) - z mean(g z)), dw = dy z, db = dy. */
void layernorm_backward(real *dx, real *dw, real *db, const real *dy, const real *x,
                        const real *w, const real *mean, const real *rstd, int n, int d)
{
    for (int i = 0; i < n; i++, x += d, dy += d) {
        real m = mean[i], r = rstd[i], g_sum = 0, gz_sum = 0;

#pragma omp simd reduction(+ : g_sum, gz_sum)
        for (int j = 0; j < d; j++) {
            g_sum += dy[j] * w[j];
            gz_sum += dy[j] * w[j] * (x[j] - m) * r;
        }
        g_sum /= (real)d;
        gz_sum /= (real)d;
        if (dx)
            add_dx(dx + (long)i * d, dy, x, w, m, r, g_sum, gz_sum, d);
        if (dw)
            add_dw(dw, dy, x, m, r, d);
        if (db)
            add_db(db, dy, d);
    }
}
