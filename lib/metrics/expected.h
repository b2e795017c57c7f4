/* What a ranking among a few items would be worth, expected over all draws of them, from
 * a ranking of the whole catalogue: every rank counts, where a metric of the catalogue is
 * 0 for most users, so that one epoch of a training can be told from the next. */
#ifndef METRICS_EXPECTED_H
#define METRICS_EXPECTED_H

#include "nn/real.h"

#include <stdint.h>

enum { EXPECTED_NEGATIVES = 19, EXPECTED_CUT = 10 };

/* Returns the NDCG@10 of a target that a share of the other items is above, expected over
 * EXPECTED_NEGATIVES of these drawn with replacement: j of them are above it with the
 * binomial probability. */
double expected_ndcg(double share_above);

/* Returns the share of all items but the target and the n earlier ones of its user that
 * score at least as high as the target; 1 where the target's score is NaN.  Writes NaN
 * over the left out of scores (items). */
double expected_share_above(real *scores, int items, int32_t target,
                            const int32_t *earlier, int64_t n);

#endif
