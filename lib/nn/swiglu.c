#include "nn/swiglu.h"

#include "nn/vecmath.h"

void swiglu_forward(real *restrict y, const real *restrict gate_up, int n, int d)
{
    for (int i = 0; i < n; i++, y += d, gate_up += 2 * d) {
        const real *restrict up = gate_up + d;

#pragma omp simd
        for (int j = 0; j < d; j++)
            y[j] = gate_up[j] * real_sigmoid(gate_up[j]) * up[j];
    }
}

/* d silu / dg = s (1 + g (1 - s)) with s = sigmoid(g). */
void swiglu_backward(real *restrict gate_up, const real *restrict dy, int n, int d)
{
    for (int i = 0; i < n; i++, dy += d, gate_up += 2 * d) {
        real *restrict up = gate_up + d;

#pragma omp simd
        for (int j = 0; j < d; j++) {
            real g = gate_up[j], s = real_sigmoid(g), u = up[j];

            gate_up[j] = dy[j] * u * s * (1 + g * (1 - s));
            up[j] = dy[j] * g * s;
        }
    }
}
