/* GELU in the form with a hyperbolic tangent (Hendrycks and Gimpel 2016), alone and as a
 * gate:  gelu(x) = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2. */
#ifndef NN_GATED_H
#define NN_GATED_H

#include "nn/real.h"

/* y, x (n) */
void gelu_tanh_forward(real *y, const real *x, long n);

/* The derivative at x. */
real gelu_tanh_slope(real x);

/* y (n, d) = gelu(gate) up   gate_up (n, 2 d): each row d gates, then d ups. */
void gelu_tanh_glu_forward(real *y, const real *gate_up, int n, int d);

/* gate_up becomes its own gradient, given dy (n, d). */
void gelu_tanh_glu_backward(real *gate_up, const real *dy, int n, int d);

#endif
