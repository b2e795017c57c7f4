/* exp for loops that the compiler vectorises: no branch, no table, no call.  In
 * the double build these are libm's. */
#ifndef NN_VECMATH_H
#define NN_VECMATH_H

#include "nn/real.h"

#include <math.h>
#include <stdint.h>

/* exp(x) within 2 ulp on [-87.3, 88.3]; 0 below, and x above is taken as 88.3.
 * NaN stays NaN.
 *
 * x = k ln 2 + r with |r| <= ln 2 / 2; exp(r) by a polynomial (the minimax one of
 * Cephes, Moshier 1992); 2^k by shifting k, read from the low bits of
 * k + 1.5 * 2^23, into the exponent. */
static inline float vec_expf(float x)
{
    union {
        float f;
        uint32_t u;
    } k, power;
    float r, p, given = x;

    x = x < -87.3f ? -87.3f : x;
    x = x > 88.3f ? 88.3f : x;
    k.f = x * 1.44269504f + 12582912.0f;
    r = k.f - 12582912.0f;
    x -= r * 0.693359375f;
    x += r * 2.12194440e-4f;
    p = 1.9875691500e-4f;
    p = p * x + 1.3981999507e-3f;
    p = p * x + 8.3334519073e-3f;
    p = p * x + 4.1665795894e-2f;
    p = p * x + 1.6666665459e-1f;
    p = p * x + 5.0000001201e-1f;
    p = p * x * x + x + 1.0f;
    power.u = (k.u + 127) << 23;
    return given < -87.3f ? 0 : p * power.f;
}

static inline real real_exp(real x)
{
#ifdef REAL_IS_DOUBLE
    return exp(x);
#else
    return vec_expf(x);
#endif
}

/* y = exp(x - shift), (n) each, may be the same; returns the sum of y: the heart of
 * softmax. */
static inline real exp_row(real *y, const real *x, real shift, long n)
{
    real sum = 0;

#pragma omp simd reduction(+ : sum)
    for (long i = 0; i < n; i++) {
        y[i] = real_exp(x[i] - shift);
        sum += y[i];
    }
    return sum;
}

/* 1 / (1 + exp(-x)) */
static inline real real_sigmoid(real x)
{
    return 1 / (1 + real_exp(-x));
}

#endif
