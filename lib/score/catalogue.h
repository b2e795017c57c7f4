/* Every item of the catalogue scored for every user, a block of users against a block
 * of items at a time: memory does not grow with users times items. */
#ifndef SCORE_CATALOGUE_H
#define SCORE_CATALOGUE_H

#include "history/history.h"
#include "score/item_scorer.h"

/* How a user's truth, the history_target of that split, ranks among all items but the
 * user's other interactions of whatever split: what drawn candidates exclude too. */
enum {
    RANK_ABOVE,  /* items that score higher */
    RANK_TIED,   /* that score the same, the truth included; 0: none has a score */
    RANK_RANKED, /* in all */
    RANK_COLUMNS
};

/* Writes the places (rows, RANK_COLUMNS) of the users user (rows), which all have a
 * target of the split.  A missing score (NaN) ranks behind every number and ties with
 * other NaNs. */
void catalogue_rank(int32_t *place, const struct item_scorer *m, const struct history *h,
                    enum split split, const int32_t *user, int64_t rows);

/* Writes into item (rows, n) for each user of user (rows) the n best of the items that
 * the user has no interaction with, best first; of equal scores the lower number comes
 * first.  The user's truth of that split is an item like those; SPLIT_NEXT has no truth.
 * A row ends with -1 where there are no more items, or no scores. */
void catalogue_top(int32_t *item, int n, const struct item_scorer *m,
                   const struct history *h, int split, const int32_t *user,
                   int64_t rows);

#endif
