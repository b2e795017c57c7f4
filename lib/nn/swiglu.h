/* SwiGLU (Shazeer 2020): y = silu(gate) up, silu(g) = g / (1 + exp(-g)). */
#ifndef NN_SWIGLU_H
#define NN_SWIGLU_H

#include "nn/real.h"

/* y (n, d)   gate_up (n, 2 d): each row d gates, then d ups. */
void swiglu_forward(real *y, const real *gate_up, int n, int d);

/* gate_up becomes its own gradient, given dy (n, d). */
void swiglu_backward(real *gate_up, const real *dy, int n, int d);

#endif
