/* Root mean square normalisation (Zhang and Sennrich 2019):
 * y = x w / sqrt(mean(x^2) + eps). */
#ifndef NN_RMSNORM_H
#define NN_RMSNORM_H

#include "nn/real.h"

/* y, x (n, d)   w (d)   rstd (n): kept for backward. */
void rmsnorm_forward(real *y, real *rstd, const real *x, const real *w, int n, int d,
                     double eps);

/* dx (n, d) += gradient; the weights are frozen. */
void rmsnorm_backward(real *dx, const real *dy, const real *x, const real *rstd,
                      const real *w, int n, int d);

#endif
