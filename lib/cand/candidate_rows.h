/* Candidates as they are written: a row of items for each user. */
#ifndef CAND_CANDIDATE_ROWS_H
#define CAND_CANDIDATE_ROWS_H

#include "history/history.h"
#include "stream/filter.h"

#include <stdint.h>

struct candidate_rows {
    const char *split;   /* "test", "next", ... */
    const char *sampler; /* as the attribute names it: "uniform" */
    int number;          /* asked for: beside the truth, where there is one */
    int rows, columns;
    int32_t *user;       /* (rows), ascending, owned */
    int32_t *item;       /* (rows, columns), -1 pads, owned; NULL: every item */
};

/* Fills c->user with a seeded sample of `users` of those who have a target of the split,
 * SPLIT_VALID .. SPLIT_NEXT (all are asked about what comes next); 0: all of them.  Ends
 * the program where there are none or fewer. */
void candidate_rows_users(struct candidate_rows *c, const struct history *h, int split,
                          long users, uint64_t seed);

/* Keeps only the rows of the users that a seeded sample of n takes; n <= rows. */
void candidate_rows_sample(struct candidate_rows *c, int n, uint64_t seed);

/* Returns how many columns a row of `wanted` has beside a catalogue of so many items: no
 * more than that, which is said. */
int candidate_rows_bound(const struct candidate_rows *c, int64_t wanted, int items);

/* Says on stderr how many users and candidates there are, and of which sampler. */
void candidate_rows_say(const struct candidate_rows *c);

/* Writes cand.SPLIT.user into f and, unless every item is meant, cand.SPLIT.item; the
 * seed goes into the attributes. */
void candidate_rows_put(const struct candidate_rows *c, struct filter *f, uint64_t seed);
void candidate_rows_free(struct candidate_rows *c);

#endif
