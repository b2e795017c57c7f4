#include "nn/gated.h"

#include "nn/vecmath.h"

#define ROOT ((real)0.79788456080286535588) /* sqrt(2 / pi) */
#define CUBIC ((real)0.044715)

static inline real squashed(real x)
{
    return real_tanh(ROOT * (x + CUBIC * x * x * x));
}

void gelu_tanh_forward(real *y, const real *x, long n)
{
#pragma omp simd
    for (long i = 0; i < n; i++)
        y[i] = (real).5 * x[i] * (1 + squashed(x[i]));
}

/* With t = tanh(u): (1 + t) / 2 + x (1 - t^2) u' / 2. */
static inline real slope_from(real x, real t)
{
    real du = ROOT * (1 + 3 * CUBIC * x * x);

    return (real).5 * (1 + t) + (real).5 * x * (1 - t * t) * du;
}

real gelu_tanh_slope(real x)
{
    return slope_from(x, squashed(x));
}

void gelu_tanh_glu_forward(real *restrict y, const real *restrict gate_up, int n, int d)
{
    for (int i = 0; i < n; i++, y += d, gate_up += 2 * d) {
        const real *restrict up = gate_up + d;

#pragma omp simd
        for (int j = 0; j < d; j++)
            y[j] = (real).5 * gate_up[j] * (1 + squashed(gate_up[j])) * up[j];
    }
}

void gelu_tanh_glu_backward(real *restrict gate_up, const real *restrict dy, int n, int d)
{
    for (int i = 0; i < n; i++, dy += d, gate_up += 2 * d) {
        real *restrict up = gate_up + d;

#pragma omp simd
        for (int j = 0; j < d; j++) {
            real g = gate_up[j], t = squashed(g), u = up[j];

            gate_up[j] = dy[j] * u * slope_from(g, t);
            up[j] = dy[j] * (real).5 * g * (1 + t);
        }
    }
}
