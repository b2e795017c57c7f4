/* The best unseen items of the whole catalogue, as cand-sample --top writes them: for
 * what comes next, or for the items of a split, where the truth is an item like any other
 * and may be missed. */
#ifndef SCORE_CANDIDATE_TOP_H
#define SCORE_CANDIDATE_TOP_H

#include "cli/cli.h"
#include "history/history.h"
#include "score/item_scorer.h"
#include "stream/filter.h"

#include <stdint.h>

struct candidate_top {
    enum item_scorer_by model;
    const char *sampler;        /* as the candidates' attribute names it: "top-cf" */
    long number;                /* items a user */
    const char *ids, *ids_from; /* users by their ids, or by a file of them; NULL: */
    long users;                 /* a seeded sample of so many; 0: everybody */
    struct opt_words with;      /* items that are added, by id or title */
};

/* Tells f to keep what candidate_top_put needs of that split (SPLIT_VALID .. SPLIT_NEXT)
 * beside the columns of inter.*, and to drop cand.SPLIT.*, which is made anew. */
void candidate_top_keep(struct filter *f, const struct candidate_top *t,
                        int split);

/* Writes cand.SPLIT.*: for each user, for a split each user with a truth, the best items
 * that are not in the history; the most popular ones for those of whom the model knows
 * nothing; behind them those of `with` that the user has not had.  Rows of SPLIT_NEXT
 * stand in the order of scores, others in an order that the seed draws.  What is wrong
 * ends the program. */
void candidate_top_put(const struct candidate_top *t, struct filter *f,
                       const struct history *h, int split, uint64_t seed);

#endif
