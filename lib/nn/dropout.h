/* Inverted dropout.  Masks are drawn from a generator keyed by what they are
 * for (purpose, seed, step, row), so they do not depend on threads or restarts. */
#ifndef NN_DROPOUT_H
#define NN_DROPOUT_H

#include "nn/real.h"
#include "util/rng.h"

/* Sets each number of mask (n) to 0 with probability p (to 2^-16), else to 1 / (1 - p).
 * 0 <= p < 1. */
void dropout_mask(real *mask, long n, double p, rng *r);

/* y = x mask, (n) each; y and x may be the same. */
void dropout_forward(real *y, const real *x, const real *mask, long n);

/* y = base + x mask, (n) each; y may be either. */
void dropout_onto(real *y, const real *base, const real *x, const real *mask, long n);

/* Adds dy mask to dx, (n) each. */
void dropout_backward(real *dx, const real *dy, const real *mask, long n);

#endif
