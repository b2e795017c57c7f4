/* Products of a few rows with a frozen matrix, as generating a text takes them: bound by
 * the reading of the weights, which are read once for all rows, and shared among the
 * members of a team, each taking some columns.
 *
 * A row's bits depend neither on the other rows, nor on how many there are, nor on the
 * number of members: every number is a sum of its own in a fixed order. */
#ifndef NN_FROZEN_FEW_ROWS_H
#define NN_FROZEN_FEW_ROWS_H

#include "nn/frozen.h"
#include "util/thread_team.h"

/* Returns the bytes of scratch, aligned to 64, that each member needs for products of so
 * many rows with W. */
size_t frozen_few_rows_scratch(const struct frozen *W, int rows);

/* Computes the member's columns of y (n, out) = x (n, in) W^T + bias, or y += where add
 * is set.  bias (out) may be NULL.  Sums are f32's, of stored weights as they are stored,
 * or those of bfloat16 where W was expanded so. */
void frozen_few_rows_forward(real *y, const real *x, const struct frozen *W,
                             const real *bias, int n, bool add, const struct share *share,
                             void *scratch);

#endif
