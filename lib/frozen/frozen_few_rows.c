#include "frozen/frozen_few_rows.h"

/* COLUMNS x ROWS sums at once: 16 registers of them, and 8 for what is multiplied. */
enum { COLUMNS = 4, ROWS = 4, LANES = 64 / sizeof(real) };

static size_t rounded_up(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

size_t frozen_few_rows_scratch(const struct frozen *W, int rows)
{
    if (W->precision == FROZEN_BF16)
        return rounded_up(bf16_rows(rows) * bf16_stride(W->in) * sizeof(uint16_t));
    return frozen_is_stored(W->precision)
               ? rounded_up((size_t)COLUMNS * (size_t)W->in * sizeof(real))
               : 64;
}

/* What a product's number becomes: y[o] from its sum. */
static void put(real *y, real sum, const real *bias, int o, bool add)
{
    y[o] = (add ? y[o] : 0) + (bias ? bias[o] : 0) + sum;
}

/* sum (rows x columns) of x (rows, in) and w[0..columns), each (in); both numbers are
 * constants where this is called. */
static inline __attribute__((always_inline)) void sums(real sum[ROWS][COLUMNS],
                                                       const real *x,
                                                       const real *const w[COLUMNS],
                                                       int in, int rows, int columns)
{
    few_lanes s[ROWS][COLUMNS] = { { { 0 } } };
    int whole = in - in % LANES;

    for (int k = 0; k < whole; k += LANES) {
        few_lanes weight[COLUMNS];

#pragma GCC unroll 4
        for (int j = 0; j < columns; j++)
            weight[j] = *(const few_lanes *)(w[j] + k);
#pragma GCC unroll 4
        for (int i = 0; i < rows; i++) {
            few_lanes v = *(const few_lanes *)(x + (size_t)i * (size_t)in + k);

#pragma GCC unroll 4
            for (int j = 0; j < columns; j++)
                s[i][j] += v * weight[j];
        }
    }
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            real t = few_lanes_sum(&s[i][j]);

            for (int k = whole; k < in; k++)
                t += x[(size_t)i * (size_t)in + k] * w[j][k];
            sum[i][j] = t;
        }
}

static void sums_of(real sum[ROWS][COLUMNS], const real *x, const real *const w[COLUMNS],
                    int in, int rows)
{
    switch (rows) {
    case 1: sums(sum, x, w, in, 1, COLUMNS); break;
    case 2: sums(sum, x, w, in, 2, COLUMNS); break;
    case 3: sums(sum, x, w, in, 3, COLUMNS); break;
    default: sums(sum, x, w, in, 4, COLUMNS); break;
    }
}

/* Where the weights of column o lie as real numbers: in place, or expanded to scratch
 * (in). */
static const real *column(const struct frozen *W, int o, real *scratch)
{
    if (W->precision == FROZEN_REAL)
        return W->w + (size_t)o * (size_t)W->in;
    frozen_row(W, o, scratch);
    return scratch;
}

/* Columns [first, end), a few at a time past all rows.  Beyond the last one the last
 * stands in, and is not written. */
static void by_dots(real *y, const real *x, const struct frozen *W, const real *bias,
                    int n, bool add, int first, int end, real *scratch)
{
    size_t in = (size_t)W->in, out = (size_t)W->out;

    for (int o = first; o < end; o += COLUMNS) {
        int here = end - o < COLUMNS ? end - o : COLUMNS;
        const real *w[COLUMNS];
        real sum[ROWS][COLUMNS];

        for (int j = 0; j < COLUMNS; j++)
            w[j] = j < here ? column(W, o + j, scratch + (size_t)j * in) : w[here - 1];
        for (int i = 0; i < n; i += ROWS) {
            int rows = n - i < ROWS ? n - i : ROWS;

            sums_of(sum, x + (size_t)i * in, w, W->in, rows);
            for (int r = 0; r < rows; r++)
                for (int j = 0; j < here; j++)
                    put(y + (size_t)(i + r) * out, sum[r][j], bias, o + j, add);
        }
    }
}

#ifndef REAL_IS_DOUBLE

/* The same for stored weights and no more rows than are summed at once: past more, a
 * column is better expanded once. */
static void by_blocks(float *y, const float *x, const struct frozen *W, const float *bias,
                      int n, bool add, int first, int end, float *scratch)
{
    for (int o = first; o < end; o += FEW_BLOCKS_COLUMNS) {
        int here = end - o < FEW_BLOCKS_COLUMNS ? end - o : FEW_BLOCKS_COLUMNS;
        const unsigned char *column[FEW_BLOCKS_COLUMNS];
        float sum[FEW_BLOCKS_ROWS][FEW_BLOCKS_COLUMNS];
        const struct quant *type;

        if (!frozen_few_blocks_find(&W->stored, o, column, &type)) {
            by_dots(y, x, W, bias, n, add, o, o + here, scratch);
            continue;
        }
        frozen_few_blocks_sums(sum, x, column, type, W->in, n);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < here; j++)
                put(y + (size_t)i * (size_t)W->out, sum[i][j], bias, o + j, add);
    }
}

/* The same for panels: sums run over pairs of rows of the panel, one after the other. */
static void by_panels(float *y, const float *x, const struct frozen *W, const float *bias,
                      int n, bool add, int first, int end, uint16_t *rounded)
{
    size_t stride = bf16_stride(W->in), out = (size_t)W->out;

    if (first >= end)
        return;
    bf16_round_rows(rounded, stride, x, (size_t)W->in, W->in, n);
    for (int i = 0; bias && i < n; i++)
        for (int o = first; o < end; o++)
            put(y + (size_t)i * out, bias[o], NULL, o, add);
    for (int o = first; o < end; o += BF16_PANEL) {
        struct bf16_matrix panel = W->forward;

        panel.columns = end - o < BF16_PANEL ? end - o : BF16_PANEL;
        panel.data = W->forward.data + bf16_at(&W->forward, 0, o);
        bf16_tile(y + o, out, rounded, stride, &panel, 0, W->in, n, add || bias);
    }
}

#endif

void frozen_few_rows_forward(real *y, const real *x, const struct frozen *W,
                             const real *bias, int n, bool add, const struct share *share,
                             void *scratch)
{
    int first, end;

    thread_team_share(share, W->out, BF16_PANEL, &first, &end);
#ifndef REAL_IS_DOUBLE
    if (W->precision == FROZEN_BF16) {
        by_panels(y, x, W, bias, n, add, first, end, scratch);
        return;
    }
    if (frozen_is_stored(W->precision) && n > 0 && n <= FEW_BLOCKS_ROWS) {
        by_blocks(y, x, W, bias, n, add, first, end, scratch);
        return;
    }
#endif
    by_dots(y, x, W, bias, n, add, first, end, scratch);
}
