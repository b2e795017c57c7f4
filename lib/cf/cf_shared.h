/* Inside of cf_windows: negatives that all positions of a step share.  A step draws them
 * once, each another item; the user's own ones are left out of the user's rows.  Scores,
 * and both gradients, are then products of whole matrices, and a step touches few rows
 * of the items' table. */
#ifndef CF_CF_SHARED_H
#define CF_CF_SHARED_H

#include "cf/cf_trainer.h"

struct cf_shared {
    int32_t *item; /* (n): the step's negatives */
    int32_t *place; /* (n): the same, and then their places among the rows touched */
    int n;         /* --negatives, or all items where these are fewer */
    int32_t *at;   /* (items): an item's place among them, or -1 */
    real *E, *dE;  /* (n, d): their vectors, and these' gradients */
    real *slab;    /* scores, then coefficients, of some blocks' rows: (rows, n) */
    int blocks;    /* so many of them */
};

/* For batches of so many blocks of windows. */
struct cf_shared *cf_shared_new(const struct cf_trainer *t, int blocks);
void cf_shared_free(struct cf_shared *s);

/* Draws the step's negatives: n different items, uniform. */
void cf_shared_draw(struct cf_trainer *t);

/* Computes the loss of windows from .. to - 1, which have gone forward, and the gradient
 * of their rows.  The batch's coefficient (rows) is then that of the targets.  first is
 * the row of the batch that stands first in the slab.  Blocks may run in parallel. */
double cf_shared_loss(const struct cf_trainer *t, int from, int to, int first);

/* Adds to s->dE what rows from first on give, whose coefficients the slab holds. */
void cf_shared_scatter(const struct cf_trainer *t, int first, int rows);

#endif
