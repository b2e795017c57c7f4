/* Splits that keep items or users from all training, for the scenarios: an interaction
 * may then also be history only (SPLIT_HISTORY: seen where a held-out item is predicted,
 * never trained on) or not used at all (SPLIT_UNUSED).  No h->split is read. */
#ifndef DATA_HOLDOUTS_H
#define DATA_HOLDOUTS_H

#include "history/history.h"

struct holdout {
    int held;       /* users or items held out, or users that train (few-shot) */
    int of;         /* those to choose from */
    int tested;     /* users with a test interaction */
    int64_t unused; /* interactions */
};

/* split (h->n).  n of the items with interactions, a seeded sample, are held out: a
 * user's last `hold` interactions with them that have another item before them are for
 * test, the user's others with them are unused.  Of the rest the last one is for
 * validation where there are three, and all others for training.  n below the items to
 * choose from, or the result's held is 0 and split is not written. */
struct holdout holdout_items(const struct history *h, int n, int hold, uint64_t seed,
                             uint8_t *split);

/* split (h->n).  Users with exactly `length` interactions (at least 2) are held out: the
 * last one is for test, those before are history only.  n > 0: instead a seeded sample of
 * n of the users with at least so many, whose interactions after that are unused; held is
 * 0 and nothing written where there are fewer.  Of all other users with three
 * interactions or more the last one is for validation, all others are for training. */
struct holdout holdout_users(const struct history *h, int length, int n, uint64_t seed,
                             uint8_t *split);

/* Changes split (h->n), leave-one-out: a seeded sample of n of the users who have a test
 * interaction train as before; all interactions but test of all others are history only.
 * Where there are fewer, held is 0 and nothing changes. */
struct holdout holdout_few_shot(const struct history *h, int n, uint64_t seed,
                                uint8_t *split);

#endif
