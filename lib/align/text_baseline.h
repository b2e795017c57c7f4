/* What texts alone say about CF vectors, without stage 1: two simple predictors of an
 * item's CF vector from its text, which stage 1 has to beat for items that no training
 * has seen.  Texts count by their unit vectors t; an item's own CF vector is never used
 * for its own prediction by nearest, and by ridge only as one of all.
 *
 *   nearest   mean of E_j over the k trained items j whose t_j . t_i is greatest, j != i
 *   ridge     B' (t_i, 1),  B = argmin sum_j w_j |E_j - B' (t_j, 1)|^2 + lambda |B|^2,
 *             w_j the root of item j's training interactions
 *
 * Both are computed over fixed blocks of rows, so that the number of threads changes no
 * bit. */
#ifndef ALIGN_TEXT_BASELINE_H
#define ALIGN_TEXT_BASELINE_H

#include "nn/real.h"

#include <stdint.h>

/* Borrowed: CF vectors E (items, d), text vectors Q (items, D), and training
 * interactions count (items); items with 0 are untrained. */
struct text_baseline {
    const real *E, *Q;
    const int64_t *count;
    long items;
    int d, D;
};

/* Fills out (items, d) by the mean of the k nearest, or of all where fewer are trained.
 * Of equally near items the first in the catalogue count.  Where no other item is
 * trained the row is 0. */
void text_baseline_nearest(real *out, const struct text_baseline *b, int k);

/* Fills out (items, d) by ridge regression; lambda > 0.  The row is 0 where no item is
 * trained. */
void text_baseline_ridge(real *out, const struct text_baseline *b, double lambda);

#endif
