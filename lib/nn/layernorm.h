/* Layer normalisation of rows (Ba et al. 2016): (x - mean) / sqrt(var + eps)
 * times w plus b, the variance over d (not d - 1). */
#ifndef NN_LAYERNORM_H
#define NN_LAYERNORM_H

#include "nn/real.h"

/* Computes y (n, d) of x (n, d), which may be y, with w and b (d).  Keeps mean and rstd
 * (n) for backward; both may be NULL. */
void layernorm_forward(real *y, real *mean, real *rstd, const real *x, const real *w,
                       const real *b, int n, int d, real eps);

/* Adds to dx (n, d), dw (d), db (d); each may be NULL.  x (n, d): forward's input. */
void layernorm_backward(real *dx, real *dw, real *db, const real *dy, const real *x,
                        const real *w, const real *mean, const real *rstd, int n, int d);

#endif
