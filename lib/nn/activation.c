#include "nn/activation.h"

#include "nn/vecmath.h"

#include <tgmath.h>

void relu_forward(real *y, const real *x, long n)
{
    for (long i = 0; i < n; i++)
        y[i] = x[i] > 0 ? x[i] : 0;
}

void relu_backward(real *dx, const real *dy, const real *x, long n)
{
    for (long i = 0; i < n; i++)
        dx[i] += x[i] > 0 ? dy[i] : 0;
}

void leaky_relu_forward(real *y, const real *x, long n)
{
    for (long i = 0; i < n; i++)
        y[i] = x[i] > 0 ? x[i] : LEAKY_RELU_SLOPE * x[i];
}

void leaky_relu_backward(real *dx, const real *dy, const real *x, long n)
{
    for (long i = 0; i < n; i++)
        dx[i] += x[i] > 0 ? dy[i] : LEAKY_RELU_SLOPE * dy[i];
}

/* Phi, the normal distribution function. */
static real normal_below(real x)
{
    return (real).5 * (1 + erf(x * (real)M_SQRT1_2));
}

void gelu_forward(real *y, const real *x, long n)
{
    for (long i = 0; i < n; i++)
        y[i] = x[i] * normal_below(x[i]);
}

void gelu_backward(real *dx, const real *dy, const real *x, long n)
{
    const real density_at_0 = (real)0.39894228040143267794; /* 1 / sqrt(2 pi) */

    for (long i = 0; i < n; i++)
        dx[i] += dy[i] * (normal_below(x[i]) +
                          x[i] * density_at_0 * exp((real)-.5 * x[i] * x[i]));
}

void sigmoid_forward(real *y, const real *x, long n)
{
#pragma omp simd
    for (long i = 0; i < n; i++)
        y[i] = real_sigmoid(x[i]);
}

void sigmoid_backward(real *dx, const real *dy, const real *y, long n)
{
    for (long i = 0; i < n; i++)
        dx[i] += dy[i] * y[i] * (1 - y[i]);
}
