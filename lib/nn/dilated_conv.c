#include "nn/dilated_conv.h"

#include <string.h>

void dilated_conv_columns(real *columns, const real *x, int n, int d, int taps,
                          int dilation)
{
    for (long t = 0; t < n; t++)
        for (int j = 0; j < taps; j++, columns += d) {
            long from = t - (long)(taps - 1 - j) * dilation;

            if (from >= 0)
                memcpy(columns, x + from * d, (size_t)d * sizeof *x);
            else
                memset(columns, 0, (size_t)d * sizeof *x);
        }
}

void dilated_conv_columns_backward(real *dx, const real *dcolumns, int n, int d, int taps,
                                   int dilation)
{
    for (long t = 0; t < n; t++)
        for (int j = 0; j < taps; j++, dcolumns += d) {
            long from = t - (long)(taps - 1 - j) * dilation;
            real *to = dx + from * d;

            if (from < 0)
                continue;
#pragma omp simd
            for (int i = 0; i < d; i++)
                to[i] += dcolumns[i];
        }
}

void dilated_conv_pack(real *packed, const real *W, int out, int in, int taps)
{
    for (long o = 0; o < out; o++)
        for (int j = 0; j < taps; j++)
            for (int i = 0; i < in; i++)
                *packed++ = W[(o * in + i) * taps + j];
}

void dilated_conv_pack_backward(real *dW, const real *dpacked, int out, int in, int taps)
{
    for (long o = 0; o < out; o++)
        for (int j = 0; j < taps; j++)
            for (int i = 0; i < in; i++)
                dW[(o * in + i) * taps + j] += *dpacked++;
}
