/* How well stage 1 ranks what it was not trained on. */
#ifndef ALIGN_ALIGN_VALID_H
#define ALIGN_ALIGN_VALID_H

#include "align/align.h"
#include "align/align_examples.h"

struct align_valid {
    double e, q; /* NDCG@10 by x . dec(e) and x . dec(q); q NaN where m decodes no q */
};

/* Returns the NDCG@10 of the validation items of at most so many users of s, evenly
 * spread (0: all), expected over all draws of negatives (metrics/expected.h).  E (items,
 * d), Q (items, D).  NaN where s has no validation items.  The bits do not depend on the
 * number of threads. */
struct align_valid align_valid_ndcg(const struct align *m, const struct align_examples *s,
                                    const real *E, const real *Q, long users);

/* Returns what an epoch is judged by: the mean of e and q, or e alone. */
double align_valid_worth(const struct align_valid *v);

#endif
