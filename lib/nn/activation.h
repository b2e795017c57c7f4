/* Elementwise functions of n numbers.  Forward may work in place unless
 * backward needs the input; backward adds to dx. */
#ifndef NN_ACTIVATION_H
#define NN_ACTIVATION_H

#include "nn/real.h"

/* max(x, 0) */
void relu_forward(real *y, const real *x, long n);
void relu_backward(real *dx, const real *dy, const real *x, long n);

/* x where positive, else slope x */
#define LEAKY_RELU_SLOPE ((real).01) /* torch's default */
void leaky_relu_forward(real *y, const real *x, long n);
void leaky_relu_backward(real *dx, const real *dy, const real *x, long n);

/* x Phi(x), the erf form: the tanh form differs by up to 5e-4. */
void gelu_forward(real *y, const real *x, long n);
void gelu_backward(real *dx, const real *dy, const real *x, long n);

/* 1 / (1 + exp(-x)); backward takes forward's *output* y. */
void sigmoid_forward(real *y, const real *x, long n);
void sigmoid_backward(real *dx, const real *dy, const real *y, long n);

#endif
