#include "nn/dropout.h"

#include <math.h>
#include <string.h>

enum { WORDS = 16, AT_ONCE = 4 * WORDS };

/* Four draws of 16 bits from each word; loops of fixed length become vectors
 * without remainders. */
static void draw(real *mask, uint32_t below, real keep, rng *r)
{
    union {
        uint64_t words[WORDS];
        uint16_t draws[AT_ONCE];
    } u;

    rng_fill(r, u.words, WORDS);
#pragma omp simd
    for (int j = 0; j < AT_ONCE; j++)
        mask[j] = u.draws[j] < below ? 0 : keep;
}

void dropout_mask(real *mask, long n, double p, rng *r)
{
    uint32_t below = (uint32_t)lround(p * 65536);
    real keep = (real)(1 / (1 - p)), last[AT_ONCE];
    long i = 0;

    for (; i + AT_ONCE <= n; i += AT_ONCE)
        draw(mask + i, below, keep, r);
    if (i == n)
        return;
    draw(last, below, keep, r);
    memcpy(mask + i, last, (size_t)(n - i) * sizeof *mask);
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
