/* The candidates of a stream, for every filter that scores them. */
#ifndef CAND_CANDIDATE_SET_H
#define CAND_CANDIDATE_SET_H

#include "stream/row_part.h"

/* cand.SPLIT.user and .item, borrowed from the filter: all rows, or a part of them. */
struct candidate_set {
    struct row_part part;
    char digest[DIGEST_TEXT];           /* of the items of all rows, or of the users */
    const int32_t *user;                /* (rows) */
    const int32_t *item;                /* (rows, columns), -1 pads */
    int64_t rows, columns;              /* rows of the part */
};

/* Was nothing drawn, so that every item is to be ranked (cand-sample --by all)? */
bool candidate_set_is_all(struct filter *f, const char *split);

/* The users of such a set: item NULL, columns 0. */
void candidate_set_take_users(struct candidate_set *c, struct filter *f, const char *split,
                              int64_t users);

/* What was kept of "cand.*"; split is "test", "valid" or "next".  Dies where nothing was
 * drawn (cand-sample --by all), a shape is wrong, a user is not below users, or an
 * item not below items. */
void candidate_set_take(struct candidate_set *c, struct filter *f, const char *split,
                        int64_t users, int64_t items);

#endif
