/* The candidates of a stream, for every filter that scores them. */
#ifndef REC_CANDIDATE_SET_H
#define REC_CANDIDATE_SET_H

#include "stream/filter.h"

/* cand.SPLIT.user and .item, borrowed from the filter. */
struct candidate_set {
    const struct tensor *users, *items; /* (rows) and (rows, columns) i4 */
    const int32_t *user;                /* (rows) */
    const int32_t *item;                /* (rows, columns), -1 pads */
    int64_t rows, columns;
};

/* What was kept of "cand.*"; split is "test" or "valid".  Dies where nothing was
 * drawn (cand-sample --by all), a shape is wrong, a user is not below users, or an
 * item not below items. */
void candidate_set_take(struct candidate_set *c, struct filter *f, const char *split,
                        int64_t users, int64_t items);

#endif
