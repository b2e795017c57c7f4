/* Who interacted with what, in order: checked spans over the inter.* columns,
 * and the windows of items that end just before a position. */
#ifndef HISTORY_HISTORY_H
#define HISTORY_HISTORY_H

#include "util/error.h"

#include <stdint.h>

/* What an interaction is for.  The first three are predicted; history only: never trained
 * on nor predicted, but seen where validation and test items are predicted later on;
 * unused: not even that. */
enum split {
    SPLIT_TRAIN = 0,
    SPLIT_VALID = 1,
    SPLIT_TEST = 2,
    SPLITS, /* that are predicted */
    SPLIT_HISTORY = SPLITS,
    SPLIT_UNUSED,
    SPLIT_VALUES
};

/* What candidates can be for beside SPLIT_VALID and SPLIT_TEST: what comes after
 * everything in the history.  No interaction has it; SPLIT_VALID .. SPLIT_NEXT are all
 * that is ranked. */
enum { SPLIT_NEXT = SPLITS };

/* By enum split: "train", "valid", "test", and "next"; closed by NULL. */
extern const char *const split_names[];

/* By enum split: the tensors of users' vectors as of then, "user.cf.train" and so on. */
extern const char *const split_vectors[];

/* Borrows item and split, (n) each; positions below are rows of these. */
struct history {
    const int32_t *item;
    const uint8_t *split;
    int64_t n;
    int users, items;
    int64_t *first; /* (users + 1): user u's rows are first[u] .. first[u + 1] - 1 */
    const uint64_t *shuffle; /* NULL, or a seed: see history_window; borrowed */
};

/* Makes h from the columns, (n) each, and checks them: users are ascending, times (NULL:
 * not looked at) are ascending within a user, ids and splits are in range.  Borrows item
 * and split.  Returns 0, or -1 and the reason in e, which names column and row.  Release
 * h with history_free. */
int history_new(struct history *h, const int32_t *user, const int32_t *item,
                const int64_t *time, const uint8_t *split, int64_t n, int users,
                int items, struct error *e);
void history_free(struct history *h);

/* The last at most `room` items of the user before row `end`, oldest first, among those
 * whose split is at most `split`, and history only unless that is SPLIT_TRAIN: what a
 * model may have seen that predicts row `end` of that split (below SPLITS).  end =
 * first[user + 1] is after everything. With h->shuffle their order is drawn, unless
 * split is SPLIT_TRAIN: how much does a model make of it that was trained on true
 * orders? window (room); returns how many. */
int history_window(const struct history *h, int user, int64_t end, enum split split,
                   int room, int32_t *window);

/* Returns the row that a user is trained or judged on: the last row of the training
 * split, or the first row of another split; -1 where the user has no such row. */
int64_t history_target(const struct history *h, int user, enum split split);

/* Writes the items that the user has had into item (room for all the user's rows),
 * ascending, each once: those of every split, but for the history_target of `split`, if
 * the user has one (SPLIT_NEXT: none is left out).  Returns how many they are. */
int64_t history_items(const struct history *h, int user, int split, int32_t *item);

/* Returns the number of the user's training rows. */
int64_t history_training_rows(const struct history *h, int user);

/* Writes the user's training rows into rows (room for all the user's rows), ascending.
 * Returns how many they are. */
int64_t history_training_list(const struct history *h, int user, int64_t *rows);

/* Returns the number of training interactions of each item (items), to free with free().
 */
int64_t *history_popularity(const struct history *h);

#endif
