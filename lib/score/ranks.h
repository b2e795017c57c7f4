/* The rank.SPLIT.NAME of a stream, which cf-score writes where every item is ranked:
 * which there are, and that they are of the users they are read with. */
#ifndef SCORE_RANKS_H
#define SCORE_RANKS_H

#include "stream/filter.h"

/* The i-th kept one of the split, in order of appearance: its whole name, or NULL past
 * the last. */
const char *ranks_name(struct filter *f, const char *split, int i);

/* What follows "rank.SPLIT." in such a name. */
const char *ranks_scorer(const char *name);

/* Rows RANK_ABOVE, RANK_TIED, RANK_RANKED (score/catalogue.h) of that name, borrowed:
 * (rows, RANK_COLUMNS).  Dies where they have another shape, are not of these users
 * (i4, rows), or are no places. */
const int32_t *ranks_take(struct filter *f, const char *name, const struct tensor *user);

#endif
