/* The exponential of a row, the heart of softmax.  libm's expf is called once
 * a number; this one is a loop the compiler turns into vectors. */
#ifndef NN_EXPO_H
#define NN_EXPO_H

#include "nn/real.h"

/* y = exp(x - shift), (n) each, may be the same; returns the sum of y.
 * x - shift <= 88.  In float: 2 units in the last place, 0 below -87. */
real expo_row(real *y, const real *x, real shift, long n);

#endif
