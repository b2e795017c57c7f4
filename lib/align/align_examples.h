/* What stage 1 trains on: a user's vector, the item that came next, and one item
 * the user has no training interaction with, of all items, or of those that somebody has
 * one with: what no training has seen has a CF vector of no meaning.  Negatives may be
 * the user's validation or test items: leaving these out would tell which they are. */
#ifndef ALIGN_ALIGN_EXAMPLES_H
#define ALIGN_ALIGN_EXAMPLES_H

#include "history/history.h"
#include "history/targets.h"
#include "nn/real.h"

#include <stdbool.h>

enum align_negatives { NEGATIVES_SEEN, NEGATIVES_ALL };
extern const char *const align_negative_names[]; /* NULL closes */

struct align_example {
    const real *x; /* (d), borrowed */
    int32_t item, negative;
};

/* User vectors, borrowed: rows with NaN are no examples. */
struct align_users {
    const real *train, *valid; /* (users, d) before the last training and validation
                                * item */
    const real *inter;         /* (n, d) before each interaction; NULL for TARGETS_LAST */
    int d;
};

struct align_examples {
    const struct history *h;
    struct align_users x;
    int targets;     /* enum targets */
    int32_t *pool;   /* (pool_count) items that can be negatives, ascending */
    int64_t pool_count;
    int32_t *known;  /* user u's training items, ascending, from known[known_first[u]] */
    int64_t *known_first; /* (users + 1) */
    int64_t *row, *row_first; /* user u's possible targets, rows of h, likewise */
    struct align_example *list;
    long count;   /* examples in an epoch */
    long skipped; /* users that know the whole pool, so that they have no negative */
};

/* Collects the rows of h that can be targets; targets is an enum targets.  With
 * seen, negatives are items that have a training interaction, else all items.  Borrows
 * h and the vectors of x.  Returns 0, or -1 and the reason in e where there is no
 * example. Release s with align_examples_free. */
int align_examples_new(struct align_examples *s, const struct history *h,
                       const struct align_users *x, int targets, bool seen,
                       struct error *e);
void align_examples_free(struct align_examples *s);

/* Fills s->list (count) with the examples of an epoch, in the order of training.  Seed
 * and epoch key the draws. */
void align_examples_draw(struct align_examples *s, uint64_t seed, uint64_t epoch);

/* Fills list (room for one example a user) with the examples of the validation items.
 * The seed keys the negatives.  Returns the number of examples. */
long align_examples_valid(const struct align_examples *s, uint64_t seed,
                          struct align_example *list);

#endif
