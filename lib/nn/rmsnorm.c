#include "nn/rmsnorm.h"

#include <math.h>
#include <stddef.h>

void rmsnorm_forward(real *y, real *rstd, const real *x, const real *w, int n, int d,
                     double eps)
{
    for (int i = 0; i < n; i++, x += d, y += d) {
        real sum = 0, r;

#pragma omp simd reduction(+ : sum)
        for (int j = 0; j < d; j++)
            sum += x[j] * x[j];
        r = (real)(1 / sqrt((double)sum / d + eps));
        for (int j = 0; j < d; j++)
            y[j] = x[j] * r * w[j];
        rstd[i] = r;
    }
}

/* With z = x rstd and g = w dy: dx = rstd (g - z mean(g z)). */
void rmsnorm_backward(real *dx, const real *dy, const real *x, const real *rstd,
                      const real *w, int n, int d)
{
    for (int i = 0; i < n; i++, x += d, dx += d, dy += d) {
        real r = rstd[i], sum = 0;

#pragma omp simd reduction(+ : sum)
        for (int j = 0; j < d; j++)
            sum += w[j] * dy[j] * x[j];
        sum *= r * r / (real)d;
        for (int j = 0; j < d; j++)
            dx[j] += r * (w[j] * dy[j] - x[j] * sum);
    }
}
