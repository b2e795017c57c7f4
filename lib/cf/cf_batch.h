/* Batches of cf_windows: whose window, which targets, which negatives. */
#ifndef CF_CF_BATCH_H
#define CF_CF_BATCH_H

#include "cf/cf_shared.h"
#include "cf/cf_touched.h"
#include "cf/cf_trainer.h"

struct cf_training {
    int *eligible;  /* users with two items at least */
    int eligibles;

    int32_t *window;   /* (batch, maxlen) */
    int *length, *user; /* (batch) */
    int *start, rows;  /* (batch + 1): first row of each window, as in a tape; R */
    int32_t *next;     /* (batch): the item after the window */
    int32_t *input, *target; /* (R): the item of each row and the one after it, or -1 */
    int32_t *drawn;    /* (R, 1 + k): target and negatives; k is 0 if shared */
    uint64_t *seen;    /* (threads, items) bits, clear between uses; or NULL */
    int targets;       /* in the batch */

    struct backbone_tape *tape; /* (tapes), each for one block of windows */
    int tapes;                /* a block's own, or a thread's where that will do */
    real *out, *d_out, *d_in; /* (R, d), as in a tape, of the whole batch */
    double *loss;             /* (blocks) */
    real *grad;        /* arena, with the table below in place of the item embeddings */
    long table, first; /* its numbers; before item 0's row, or place 0's, of the table */
    struct cf_touched touched; /* the table's rows where Adam is sparse */
    struct cf_shared *shared;  /* NULL: each position has negatives of its own */
    real *block_grad;  /* (blocks, dense size) */
    real *slab, *coefficient;
};

/* Fills b->eligible with the users, of users, who have a window and an item after it. */
void cf_batch_eligible(struct cf_training *b, const struct cf_lists *l, int users);

/* Returns how many blocks of windows a batch has. */
int cf_batch_blocks(const struct cf_trainer *t);

/* Returns how many negatives are drawn for each row by itself. */
int cf_batch_each(const struct cf_options *o);

/* Draws the users, windows and targets of a step into b; the seed and the step key the
 * draws. */
void cf_batch_draw(struct cf_training *b, const struct cf_lists *l,
                   const struct cf_options *o, uint64_t step);

/* Draws the negatives for the rows of windows from .. to - 1.  Calls for different
 * windows may run in parallel. */
void cf_batch_negatives(struct cf_training *b, const struct cf_lists *l,
                        const struct cf_options *o, int items, uint64_t step, int from,
                        int to);

#endif
