/* Root mean square normalisation (Zhang and Sennrich 2019):
 * y = x w / sqrt(mean(x^2) + eps). */
#ifndef NN_RMSNORM_H
#define NN_RMSNORM_H

#include "nn/real.h"

/* Computes y (n, d) of x (n, d) with w (d).  Keeps rstd (n) for backward. */
void rmsnorm_forward(real *y, real *rstd, const real *x, const real *w, int n, int d,
                     double eps);

/* Adds the gradient to dx (n, d), given dy.  The weights are frozen. */
void rmsnorm_backward(real *dx, const real *dy, const real *x, const real *rstd,
                      const real *w, int n, int d);

#endif
