#include "nn/frozen.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

void frozen_make(struct frozen *W, enum frozen_precision precision, int out, int in,
                 frozen_row_function *row, void *data)
{
    *W = (struct frozen){ .out = out, .in = in, .precision = precision };
    W->w = mem_new((size_t)out * (size_t)in, sizeof *W->w);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < out; i++)
        row(W->w + (size_t)i * (size_t)in, i, data);
}

void frozen_borrow(struct frozen *W, const real *rows, int out, int in)
{
    *W = (struct frozen){
        .out = out, .in = in, .w = (real *)rows, .borrowed = true
    };
}

void frozen_free(struct frozen *W)
{
    if (!W->borrowed)
        free(W->w);
    W->w = NULL;
}

void frozen_row(const struct frozen *W, int index, real *row)
{
    memcpy(row, W->w + (size_t)index * (size_t)W->in, (size_t)W->in * sizeof *row);
}

void frozen_forward(real *y, const real *x, const struct frozen *W, int n, bool add)
{
    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, W->out, W->in, 1, x, W->in,
              W->w, W->in, add, y, W->out);
}

void frozen_backward(real *dx, const real *dy, const struct frozen *W, int n, bool add)
{
    real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, W->in, W->out, 1, dy, W->out,
              W->w, W->in, add, dx, W->in);
}
