/* Have vectors that another program made seen the test items?  A model that was trained
 * on them too ranks a user's test item as well as the training items; one that was not
 * ranks it clearly lower. */
#ifndef SCORE_SEEN_TEST_H
#define SCORE_SEEN_TEST_H

#include "score/item_scorer.h"
#include "stream/filter.h"

/* Tells f to keep what is looked at beside what a scorer by CF vectors keeps: inter.user
 * .item .split and user.cf.train. */
void seen_test_keep(struct filter *f);

/* Warns on stderr, with figures, where vectors without cf-embed's attribute seem to have
 * seen the test items.  m: by CF vectors, which are a dot product; it keeps the users'
 * vectors that it has.
 *
 * Of up to 500 users, the place of an item x among all that the user has not had, beside
 * its place by popularity, is worth log2((place by popularity + 1) / (place + 1)) bits.
 * Compared are the means of the test item, by user.cf.test, and of the last training
 * item, by user.cf.train or by user.cf.test, whichever knows it better: a model of orders
 * was trained on the one, a matrix factorisation on the other.  A model that was fitted
 * weakly finds both alike without having seen the test item.  So the hr@10 of the test
 * item must also be out of reach: SEEN_TIMES that of what was seen together, which knows
 * training items alone.  Test items seem to be seen where both hold and their worth is
 * SEEN_SHARE of the training items' or more; of fewer than SEEN_USERS users nothing is
 * said. */
#define SEEN_SHARE 0.9
#define SEEN_TIMES 2
enum { SEEN_USERS = 100, SEEN_USERS_MOST = 500 };
void seen_test_warn(const struct item_scorer *m, struct filter *f);

#endif
