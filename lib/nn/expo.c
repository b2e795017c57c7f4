#include "nn/expo.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef REAL_IS_DOUBLE

static double expo(double x)
{
    return exp(x);
}

#else

/* 2^n by its bits times exp(r), |r| <= ln 2 / 2, by its Taylor series (the next
 * term is below 4e-9); ln 2 is taken off in two parts (Cody and Waite 1980). */
static inline float expo(float x)
{
    const float to_integer = 12582912; /* 1.5 x 2^23: adding it rounds */
    float clamped = x > -87 ? x : -87;
    float shifted = clamped * 1.44269504f + to_integer, n = shifted - to_integer;
    float r = clamped - n * 0.693359375f + n * 2.12194440e-4f, y;
    int32_t bits = ((int32_t)n + 127) * (1 << 23);

    memcpy(&y, &bits, sizeof y);
    y *= 1 + r * (1 + r * (1 / 2.f + r * (1 / 6.f + r * (1 / 24.f +
             r * (1 / 120.f + r * (1 / 720.f + r / 5040.f))))));
    return x > -87 ? y : 0;
}

#endif

real expo_row(real *y, const real *x, real shift, long n)
{
    real sum = 0;

#pragma omp simd reduction(+ : sum)
    for (long i = 0; i < n; i++) {
        y[i] = expo(x[i] - shift);
        sum += y[i];
    }
    return sum;
}
