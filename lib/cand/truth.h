/* Where the truth stands among candidates: the held-out item of each row's user. */
#ifndef CAND_TRUTH_H
#define CAND_TRUTH_H

#include "history/history.h"
#include "stream/tensor.h"

#include <stdbool.h>
#include <stdint.h>

/* Rows of candidates, all borrowed; several rows of one user stand next to each other. */
struct truth_rows {
    enum split split;    /* whose items are the truth; below SPLITS */
    int64_t users;       /* rows */
    int columns;         /* candidates a row; 0 where item is NULL */
    const int32_t *user; /* (users) */
    const int32_t *item; /* (users, columns); below 0: padding; NULL: every item */
    bool retrieved;      /* found without the truth, which a row then may lack */
};

struct truth {
    int *column;    /* (users): the truth's column, -1 where it is missed; all 0 where
                       item is NULL; owned */
    int32_t *item;  /* (users): the truth; owned */
    int64_t people; /* different users */
};

/* The column of truth among item (columns); -1 where it is missing, -2 where it stands
 * there more than once. */
int truth_column(const int32_t *item, int columns, int32_t truth);

/* Finds each row's truth: the user's history_target of the split or, among candidates,
 * the first of the user's items of that split, from this one on, that is one of them.
 * ids name users in messages (NULL: by number).  t is free with truth_free, also after a
 * failure.  0, or -1 and the reason: a user without such an item, or a row that has the
 * item more than once or, unless it was retrieved, not at all. */
int truth_find(struct truth *t, const struct truth_rows *r, const struct history *h,
               const struct texts *ids, struct error *e);
void truth_free(struct truth *t);

#endif
