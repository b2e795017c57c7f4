#include "nn/dropout.h"

#include <math.h>
#include <string.h>

void dropout_mask(real *mask, long n, double p, rng *r)
{
    enum { WORDS = 64, AT_ONCE = 4 * WORDS };
    uint64_t words[WORDS];
    uint16_t draws[AT_ONCE];
    uint32_t below = (uint32_t)lround(p * 65536);
    real keep = (real)(1 / (1 - p));

    /* Four draws of 16 bits from each word. */
    for (long i = 0; i < n; i += AT_ONCE) {
        int left = n - i < AT_ONCE ? (int)(n - i) : AT_ONCE;

        rng_fill(r, words, (left + 3) / 4);
        memcpy(draws, words, sizeof draws);
#pragma omp simd
        for (int j = 0; j < left; j++)
            mask[i + j] = draws[j] < below ? 0 : keep;
    }
}

void dropout_forward(real *y, const real *x, const real *mask, long n)
{
#pragma omp simd
    for (long i = 0; i < n; i++)
        y[i] = x[i] * mask[i];
}

void dropout_onto(real *y, const real *base, const real *x, const real *mask, long n)
{
#pragma omp simd
    for (long i = 0; i < n; i++)
        y[i] = base[i] + x[i] * mask[i];
}

void dropout_backward(real *dx, const real *dy, const real *mask, long n)
{
    for (long i = 0; i < n; i++)
        dx[i] += dy[i] * mask[i];
}
