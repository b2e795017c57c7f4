/* A soft cap on scores or logits (Gemma 2): x becomes cap tanh(x / cap). */
#ifndef NN_SOFTCAP_H
#define NN_SOFTCAP_H

#include "nn/real.h"
#include "nn/vecmath.h"

/* x (n) becomes its capped values. */
static inline void softcap_forward(real *x, real cap, long n)
{
    real inverse = 1 / cap;

#pragma omp simd
    for (long i = 0; i < n; i++)
        x[i] = cap * real_tanh(x[i] * inverse);
}

/* slope (n) of the cap where its values are y (n): 1 - (y / cap)^2. */
static inline void softcap_slope(real *slope, const real *y, real cap, long n)
{
    real inverse = 1 / cap;

#pragma omp simd
    for (long i = 0; i < n; i++)
        slope[i] = 1 - y[i] * inverse * (y[i] * inverse);
}

#endif
