/* Which interactions are for training, validation and test. */
#ifndef DATA_SPLITS_H
#define DATA_SPLITS_H

#include "history/history.h"

#include <stddef.h>

/* split (h->n): each user's last row is test, the one before it validation, the
 * rest training; users with fewer than 3 rows train only.  Reads no h->split. */
void split_leave_one_out(const struct history *h, uint8_t *split);

/* The same with each user's last `hold` rows for test: users with fewer than hold + 2
 * rows train only. */
void split_leave_out(const struct history *h, int hold, uint8_t *split);

/* split (n): the last test_share of the rows by time (n) are test, valid_share
 * before them validation.  Rows of one second never fall apart: they go with the
 * earlier part. */
void split_by_time(const int64_t *time, int64_t n, double valid_share, double test_share,
                   uint8_t *split);

struct split_counts {
    int64_t rows[SPLIT_VALUES];
    int training_only; /* users with training, but without validation and test */
    int same_time;     /* users whose last validation and first test row share a time */
};

/* time (NULL: not looked at), split (h->n); users without any rows do not count. */
struct split_counts split_count(const struct history *h, const int64_t *time,
                                const uint8_t *split);

/* Says on stderr what split (h->n) makes of the rows, and warns where training or test
 * get none.  time (h->n; NULL: not looked at) counts `unit`: "ms" and so on, NULL for
 * seconds. */
void split_say(const struct history *h, const int64_t *time, const uint8_t *split,
               const char *unit);

/* Says what filters make of a split that somebody else made: of a user's several test
 * items, of what comes after the first one, of users who are tested and do not train. */
void split_say_given(const struct history *h, const uint8_t *split);

/* What people call the three, closed by NULL. */
struct split_word {
    const char *word;
    enum split split;
};
extern const struct split_word split_words[];

/* Returns the split of that name (length bytes, in letters of either case), or -1. */
int split_of_word(const char *word, size_t length);

#endif
