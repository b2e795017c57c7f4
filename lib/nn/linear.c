#include "nn/linear.h"

#include <string.h>

void linear_forward(real *y, const real *x, const real *W, const real *b, int n, int in,
                    int out)
{
    for (int i = 0; b && i < n; i++)
        memcpy(y + (long)i * out, b, (size_t)out * sizeof *y);
    if (n > 0)
        real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, out, in, 1, x, in, W, in,
                  b ? 1 : 0, y, out);
}

void linear_backward(real *dx, real *dW, real *db, const real *dy, const real *x,
                     const real *W, int n, int in, int out)
{
    if (n == 0)
        return;
    if (dx)
        real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, in, out, 1, dy, out, W, in,
                  1, dx, in);
    if (dW)
        real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, out, in, n, 1, dy, out, x, in, 1,
                  dW, in);
    for (int i = 0; db && i < n; i++)
        for (int j = 0; j < out; j++)
            db[j] += dy[(long)i * out + j];
}
