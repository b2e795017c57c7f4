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

/* Are the split's candidates all items (cand-sample --by all), so that none is drawn? */
bool candidate_set_is_all(struct filter *f, const char *split);

/* Fills c with the users of a set of every item; item becomes NULL, columns 0.  Ends the
 * program as candidate_set_take does. */
void candidate_set_take_users(struct candidate_set *c, struct filter *f,
                              const char *split, int64_t users);

/* Fills c from what f has kept of "cand.*"; split is "test", "valid" or "next".  Ends the
 * program where nothing was drawn (cand-sample --by all), a shape is wrong, a user is not
 * below users, or an item is not below items. */
void candidate_set_take(struct candidate_set *c, struct filter *f, const char *split,
                        int64_t users, int64_t items);

#endif
