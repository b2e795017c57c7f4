#include "nn/dropout.h"

#include <math.h>

void dropout_mask(real *mask, long n, double p, rng *r)
{
    uint64_t below = (uint64_t)lround(p * 65536);
    real keep = (real)(1 / (1 - p));

    /* Four draws of 16 bits from each number. */
    for (long i = 0; i < n; i += 4) {
        uint64_t bits = rng_next(r);
        long last = i + 4 < n ? i + 4 : n;

        for (long j = i; j < last; j++, bits >>= 16)
            mask[j] = (bits & 0xffff) < below ? 0 : keep;
    }
}

void dropout_forward(real *y, const real *x, const real *mask, long n)
{
    for (long i = 0; i < n; i++)
        y[i] = x[i] * mask[i];
}

void dropout_backward(real *dx, const real *dy, const real *mask, long n)
{
    for (long i = 0; i < n; i++)
        dx[i] += dy[i] * mask[i];
}
