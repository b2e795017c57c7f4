/* How well a CF model ranks what it was trained on beside what it was not. */
#ifndef CF_CF_HITS_H
#define CF_CF_HITS_H

#include "cf/cf_model.h"

enum { HITS_NEGATIVES = 19, HITS_USERS = 10000 };

/* Returns the mean hr@1 of each user's target of that split among HITS_NEGATIVES items
 * drawn uniformly from those that are not the user's, ties counted by their mean; over
 * at most HITS_USERS users, evenly spread.  NAN where no user has one. */
double cf_hits(const struct cf_model *m, const struct history *h, enum split split,
               uint64_t seed);

/* Returns the NDCG@10 of the validation items of at most so many users, evenly spread
 * (0: all), each among EXPECTED_NEGATIVES items that are not the user's earlier ones,
 * expected over all draws of these (metrics/expected.h).  NaN where the data have no
 * validation items. */
double cf_valid_ndcg(const struct cf_model *m, const struct history *h, long users);

#endif
