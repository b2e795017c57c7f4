/* Products of a few rows with a frozen matrix, as generating a text takes them: bound by
 * the reading of the weights, which are read once for all rows, and shared among the
 * members of a team, each taking some columns.
 *
 * A row's bits depend neither on the other rows, nor on how many there are, nor on the
 * number of members: every number is a sum of its own in a fixed order. */
#ifndef FROZEN_FROZEN_FEW_ROWS_H
#define FROZEN_FROZEN_FEW_ROWS_H

#include "frozen/frozen.h"
#include "util/thread_team.h"

#include <string.h>

/* Returns the bytes of scratch, aligned to 64, that each member needs for products of so
 * many rows with W. */
size_t frozen_few_rows_scratch(const struct frozen *W, int rows);

/* Computes the member's columns of y (n, out) = x (n, in) W^T + bias, or y += where add
 * is set.  bias (out) may be NULL.  Sums are f32's, of stored weights as they are stored,
 * or those of bfloat16 where W was expanded so. */
void frozen_few_rows_forward(real *y, const real *x, const struct frozen *W,
                             const real *bias, int n, bool add, const struct share *share,
                             void *scratch);

/* For frozen_few_rows.c and frozen_few_blocks.c: sums side by side; loads need no
 * alignment. */
typedef real few_lanes __attribute__((vector_size(64), aligned(sizeof(real)), may_alias));

/* Returns the sum of all lanes, by halves: lane l and the lane half the width further are
 * added until one is left, so that a few instructions do it. */
static inline real few_lanes_sum(const few_lanes *s)
{
    typedef real half_lanes __attribute__((vector_size(32)));
    typedef real quarter_lanes __attribute__((vector_size(16)));
    enum { LEFT = 16 / sizeof(real) };
    half_lanes half[2];
    quarter_lanes quarter[2];
    real left[LEFT];

    memcpy(half, s, sizeof half);
    half[0] += half[1];
    memcpy(quarter, half, sizeof quarter);
    quarter[0] += quarter[1];
    memcpy(left, quarter, sizeof left);
    for (int n = LEFT / 2; n > 0; n /= 2)
        for (int l = 0; l < n; l++)
            left[l] += left[l + n];
    return left[0];
}

/* For frozen_few_rows.c alone (frozen_few_blocks.c): sums with columns that lie in ggml's
 * blocks of 4 and 8 bits, where the program is compiled for AVX-512.  Weights go from
 * their bits to the products without memory between.  The numbers are those of expanding
 * the columns first, to the bit. */
enum { FEW_BLOCKS_COLUMNS = 4, FEW_BLOCKS_ROWS = 4 };

/* Finds columns [first, first + 4) of W: where their blocks begin, and their type.
 * Beyond W's last column the last stands in.  Returns false where they are of several
 * types, or of one that is not summed here. */
bool frozen_few_blocks_find(const struct frozen_blocks *W, int first,
                            const unsigned char *column[FEW_BLOCKS_COLUMNS],
                            const struct quant **type);

/* Computes sum (rows x 4) of x (rows, in) and the columns; rows is at most 4. */
void frozen_few_blocks_sums(float sum[FEW_BLOCKS_ROWS][FEW_BLOCKS_COLUMNS],
                            const float *x,
                            const unsigned char *const column[FEW_BLOCKS_COLUMNS],
                            const struct quant *type, int in, int rows);

#endif
