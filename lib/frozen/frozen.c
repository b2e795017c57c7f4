#include "frozen/frozen.h"

#include "util/error.h"
#include "util/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *const frozen_precision_names[] = { "f32", "bf16", NULL };

bool frozen_available(enum frozen_precision precision)
{
#ifdef REAL_IS_DOUBLE
    return precision == FROZEN_REAL;
#else
    return !frozen_is_bf16(precision) || bf16_available();
#endif
}

enum frozen_precision frozen_possible(enum frozen_precision precision)
{
    if (!frozen_is_bf16(precision) || frozen_available(precision))
        return precision;
    return frozen_is_stored(precision) ? FROZEN_STORED : FROZEN_REAL;
}

void frozen_say(enum frozen_precision precision)
{
    if (frozen_possible(precision) != precision)
        say("this processor has no bfloat16 products: computing in f32");
}

static void make_real(struct frozen *W, frozen_row_function *row, void *data)
{
    W->w = mem_new((size_t)W->out * (size_t)W->in, sizeof *W->w);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < W->out; i++)
        row(W->w + (size_t)i * (size_t)W->in, i, data);
}

/* Rows i .. i + 15 of W as columns of the packed matrix; values (16, in): scratch. */
static void pack_some(struct frozen *W, int i, frozen_row_function *row, void *data,
                      real *values)
{
    const real *at[BF16_COLUMNS];
    int count = W->out - i < BF16_COLUMNS ? W->out - i : BF16_COLUMNS;

    for (int r = 0; r < count; r++) {
        real *one = values + (size_t)r * (size_t)W->in;

        row(one, i + r, data);
        at[r] = one;
    }
#ifndef REAL_IS_DOUBLE
    bf16_pack_columns(&W->forward, i, at, count);
#else
    (void)at;
#endif
}

static void make_bf16(struct frozen *W, frozen_row_function *row, void *data)
{
    bf16_new(&W->forward, W->in, W->out);
#pragma omp parallel
    {
        real *values = mem_new(BF16_COLUMNS * (size_t)W->in, sizeof *values);

#pragma omp for schedule(static)
        for (int i = 0; i < W->out; i += BF16_COLUMNS)
            pack_some(W, i, row, data, values);
        free(values);
    }
}

void frozen_make(struct frozen *W, enum frozen_precision precision, int out, int in,
                 frozen_row_function *row, void *data)
{
    *W = (struct frozen){ .out = out, .in = in };
    if (frozen_is_stored(precision))
        precision = frozen_is_bf16(precision) ? FROZEN_BF16 : FROZEN_REAL;
    W->precision = frozen_available(precision) ? precision : FROZEN_REAL;
    if (W->precision == FROZEN_BF16)
        make_bf16(W, row, data);
    else
        make_real(W, row, data);
}

/* What frozen_take copies rows from. */
struct whole {
    const real *rows;
    int in;
};

static void copy_row(real *row, int index, void *data)
{
    const struct whole *whole = data;

    memcpy(row, whole->rows + (size_t)index * (size_t)whole->in,
           (size_t)whole->in * sizeof *row);
}

void frozen_take(struct frozen *W, enum frozen_precision precision, real *rows, int out,
                 int in)
{
    struct whole whole = { rows, in };

    if (frozen_is_bf16(precision) && frozen_available(FROZEN_BF16)) {
        frozen_make(W, FROZEN_BF16, out, in, copy_row, &whole);
        free(rows);
        return;
    }
    frozen_borrow(W, rows, out, in);
    W->borrowed = false;
}

void frozen_borrow(struct frozen *W, const real *rows, int out, int in)
{
    *W = (struct frozen){
        .out = out, .in = in, .w = (real *)rows, .borrowed = true
    };
}

void frozen_store(struct frozen *W, enum frozen_precision precision,
                  const struct frozen_blocks *stored)
{
    *W = (struct frozen){ .out = stored->out, .in = stored->in, .precision = precision,
                          .stored = *stored };
}

/* Row `index` of W from the columns of the packed matrix. */
static void unpack_row(const struct frozen *W, int index, real *row)
{
    const uint16_t *pair = W->forward.data + bf16_at(&W->forward, 0, index);
    int j = 0;

    for (; j + 1 < W->in; j += 2, pair += 2 * BF16_PANEL) {
        row[j] = (real)bf16_float(pair[0]);
        row[j + 1] = (real)bf16_float(pair[1]);
    }
    if (j < W->in)
        row[j] = (real)bf16_float(pair[0]);
}

/* Rows i and i + 1 of W as a pair of the packed matrix; even, odd (in): scratch. */
static void pack_pair(struct frozen *W, int i, real *even, real *odd)
{
    unpack_row(W, i, even);
    if (i + 1 < W->out)
        unpack_row(W, i + 1, odd);
#ifndef REAL_IS_DOUBLE
    bf16_pack_rows(&W->backward, i, even, i + 1 < W->out ? odd : NULL);
#endif
}

void frozen_add_backward(struct frozen *W)
{
    if (W->precision != FROZEN_BF16 || W->backward.data)
        return;
    bf16_new(&W->backward, W->out, W->in);
#pragma omp parallel
    {
        real *rows = mem_new(2 * (size_t)W->in, sizeof *rows);

#pragma omp for schedule(static)
        for (int i = 0; i < W->out; i += 2)
            pack_pair(W, i, rows, rows + W->in);
        free(rows);
    }
}

void frozen_free(struct frozen *W)
{
    if (!W->borrowed)
        free(W->w);
    bf16_free(&W->forward);
    bf16_free(&W->backward);
    W->w = NULL;
}

void frozen_row(const struct frozen *W, int index, real *row)
{
    if (W->precision == FROZEN_REAL)
        memcpy(row, W->w + (size_t)index * (size_t)W->in, (size_t)W->in * sizeof *row);
#ifndef REAL_IS_DOUBLE
    else if (frozen_is_stored(W->precision))
        frozen_blocks_row(&W->stored, index, 0, W->in, row);
#endif
    else
        unpack_row(W, index, row);
}

void frozen_forward(real *y, const real *x, const struct frozen *W, int n, bool add)
{
#ifndef REAL_IS_DOUBLE
    if (W->precision == FROZEN_BF16) {
        bf16_product(y, x, &W->forward, n, add);
        return;
    }
    if (frozen_is_stored(W->precision)) {
        frozen_blocks_forward(y, x, &W->stored, n, add,
                              W->precision == FROZEN_STORED_BF16);
        return;
    }
#endif
    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, W->out, W->in, 1, x, W->in,
              W->w, W->in, add, y, W->out);
}

void frozen_backward(real *dx, const real *dy, const struct frozen *W, int n, bool add)
{
#ifndef REAL_IS_DOUBLE
    assert(W->precision != FROZEN_BF16 || W->backward.data);
    if (W->precision == FROZEN_BF16) {
        bf16_product(dx, dy, &W->backward, n, add);
        return;
    }
    if (frozen_is_stored(W->precision)) {
        frozen_blocks_backward(dx, dy, &W->stored, n, add,
                               W->precision == FROZEN_STORED_BF16);
        return;
    }
#endif
    real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, W->in, W->out, 1, dy, W->out,
              W->w, W->in, add, dx, W->in);
}
