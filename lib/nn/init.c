#include "nn/init.h"

#include <math.h>

void init_xavier_normal(real *W, int rows, int cols, rng *r)
{
    double deviation = sqrt(2.0 / ((double)rows + cols));

    for (long i = 0; i < (long)rows * cols; i++)
        W[i] = (real)(deviation * rng_normal(r));
}

void init_linear(real *w, long n, int fan_in, rng *r)
{
    double bound = 1 / sqrt((double)fan_in);

    for (long i = 0; i < n; i++)
        w[i] = (real)(bound * (2 * rng_uniform(r) - 1));
}

void init_constant(real *w, long n, real value)
{
    for (long i = 0; i < n; i++)
        w[i] = value;
}
