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

void linear_onto(real *y, const real *base, const real *x, const real *W, const real *b,
                 int n, int in, int out)
{
    for (int i = 0; i < n; i++) {
#pragma omp simd
        for (int j = 0; j < out; j++)
            y[(long)i * out + j] = base[(long)i * out + j] + b[j];
    }
    if (n > 0)
        real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, out, in, 1, x, in, W, in, 1,
                  y, out);
}

void linear_input_gradient(real *dx, const real *dy, const real *W, int n, int in,
                           int out)
{
    if (n > 0)
        real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, in, out, 1, dy, out, W,
                  in, 0, dx, in);
}

static void add_rows(real *sum, const real *rows, int n, int d)
{
    for (int i = 0; i < n; i++) {
#pragma omp simd
        for (int j = 0; j < d; j++)
            sum[j] += rows[(long)i * d + j];
    }
}

void linear_weight_gradient(real *dW, real *db, const real *dy, const real *x, int n,
                            int in, int out)
{
    memset(db, 0, (size_t)out * sizeof *db);
    add_rows(db, dy, n, out);
    if (n > 0)
        real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, out, in, n, 1, dy, out, x, in,
                  0, dW, in);
    else
        memset(dW, 0, (size_t)out * (size_t)in * sizeof *dW);
}

void linear_backward(real *dx, real *dW, real *db, const real *dy, const real *x,
                     const real *W, int n, int in, int out)
{
    if (n == 0)
        return;
    if (dx)
        real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, in, out, 1, dy, out, W,
                  in, 1, dx, in);
    if (dW)
        real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, out, in, n, 1, dy, out, x, in,
                  1, dW, in);
    if (db)
        add_rows(db, dy, n, out);
}
