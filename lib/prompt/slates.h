/* Training lists: a few examples (a user and the item to choose) that share one
 * list of candidates, so that the LLM reads the list once for all of them. */
#ifndef PROMPT_SLATES_H
#define PROMPT_SLATES_H

#include "history/history.h"
#include "util/rng.h"

#include <stdbool.h>

/* One user at one position: what is chosen at row `row` of the interactions. */
struct example {
    int user, target;
    int64_t row;
    const float *x; /* the user's representation just before, borrowed; NULL: none */
};

struct slate {
    const struct example *example; /* (examples), borrowed */
    int examples;
    int *candidate; /* (count) distinct, shuffled */
    int count;
    int *target_at;  /* (examples) where its target stands */
    bool *admitted;  /* (examples, count): the candidates that compete for it */
    uint64_t mix;    /* key of mixed_items.h; 0 as it is drawn */
};

/* Draws a list l for the examples (which l borrows): their targets, and uniform negatives
 * until each example has `candidates` to choose from.  Targets of other examples do not
 * compete, since targets are popular and negatives are to be uniform as in the
 * evaluation.  Items of the user's own training part do not compete either.  A small
 * catalogue gives fewer candidates.  Release l with slate_free. */
void slate_draw(struct slate *l, const struct example *example, int examples,
                const struct history *h, int candidates, rng *r);
void slate_free(struct slate *l);

#endif
