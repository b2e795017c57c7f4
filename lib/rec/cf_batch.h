/* Batches of cf_trainer: whose window, which targets, which negatives. */
#ifndef REC_CF_BATCH_H
#define REC_CF_BATCH_H

#include "rec/cf_trainer.h"

/* Training items of all users, one after the other. */
struct cf_training {
    int32_t *item;
    int64_t *first; /* (users + 1) */
    int *eligible;  /* users with two items at least */
    int eligibles;

    int32_t *window;   /* (batch, maxlen) */
    int *length, *user; /* (batch) */
    int *start, rows;  /* (batch + 1): first row of each window, as in a tape; R */
    int32_t *next;     /* (batch): the item after the window */
    int32_t *input, *target; /* (R): the item of each row and the one after it, or -1 */
    int32_t *drawn;    /* (R, 1 + k): target and negatives */
    uint64_t *seen;    /* (threads, items) bits, clear between uses */
    int targets;       /* in the batch */

    struct sasrec_tape *tape; /* (tapes), each for one block of windows */
    int tapes;                /* a block's own, or a thread's where that will do */
    real *out, *d_out, *d_in; /* (R, d), as in a tape, of the whole batch */
    double *loss;             /* (blocks) */
    real *grad;        /* arena */
    real *block_grad;  /* (blocks, dense size) */
    real *slab, *coefficient;
};

/* Lists of training items, without the last hide_last of each user. */
void cf_batch_lists(struct cf_training *b, const struct history *h, int hide_last);

/* Users, windows and targets of a step. */
void cf_batch_draw(struct cf_training *b, const struct cf_options *o, uint64_t step);

/* Negatives for the rows of windows from .. to - 1; for different windows in parallel. */
void cf_batch_negatives(struct cf_training *b, const struct cf_options *o, int items,
                        uint64_t step, int from, int to);

#endif
