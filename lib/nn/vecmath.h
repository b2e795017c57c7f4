/* exp for loops that the compiler vectorises: no branch, no table, no call.  In
 * the double build these are libm's.  And what else is written once for such loops. */
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

/* x . y, too short for a call of OpenBLAS; its bits depend on x, y and n alone. */
static inline real vec_dot(const real *x, const real *y, int n)
{
    real sum = 0;

#pragma omp simd reduction(+ : sum)
    for (int j = 0; j < n; j++)
        sum += x[j] * y[j];
    return sum;
}

/* The largest of x (n > 0).  The lanes are written out: a maximum of all elements is
 * vectorised by some compilers only where NaN is promised away. */
static inline real max_row(const real *x, long n)
{
    enum { LANES = 16 };
    real lane[LANES], max = x[0];
    long i = 0;

    for (int l = 0; l < LANES; l++)
        lane[l] = max;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++)
            lane[l] = x[i + l] > lane[l] ? x[i + l] : lane[l];
    for (; i < n; i++)
        max = x[i] > max ? x[i] : max;
    for (int l = 0; l < LANES; l++)
        max = lane[l] > max ? lane[l] : max;
    return max;
}

/* Terms that are added up in `real`, before the sums of blocks are added in double:
 * over a vocabulary, rounding would grow with the number of terms of a vector's lane. */
enum { EXP_BLOCK = 256 };

/* y = exp(x - shift), (n) each, may be the same; returns the sum of y: the heart of
 * softmax. */
static inline double exp_row(real *y, const real *x, real shift, long n)
{
    double total = 0;

    for (long from = 0; from < n; from += EXP_BLOCK) {
        long to = from + EXP_BLOCK < n ? from + EXP_BLOCK : n;
        real sum = 0;

#pragma omp simd reduction(+ : sum)
        for (long i = from; i < to; i++) {
            y[i] = real_exp(x[i] - shift);
            sum += y[i];
        }
        total += (double)sum;
    }
    return total;
}

/* The sum that exp_row returns, alone. */
static inline double exp_sum(const real *x, real shift, long n)
{
    real kept[EXP_BLOCK];
    double total = 0;

    for (long from = 0; from < n; from += EXP_BLOCK)
        total +=
            exp_row(kept, x + from, shift, from + EXP_BLOCK < n ? EXP_BLOCK : n - from);
    return total;
}

/* 1 / (1 + exp(-x)) */
static inline real real_sigmoid(real x)
{
    return 1 / (1 + real_exp(-x));
}

/* tanh(x) = 2 s(2 x) - 1, within 2e-7 */
static inline real real_tanh(real x)
{
    return 2 * real_sigmoid(2 * x) - 1;
}

#endif
