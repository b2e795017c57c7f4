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
    int32_t *next;     /* (batch): the item after the window */
    int32_t *input, *target; /* (R): the item of each row and the one after it, or -1 */
    int32_t *drawn;    /* (R, 1 + k): target and negatives */
    uint64_t *seen;    /* (threads, items) bits, clear between uses */
    int targets;       /* in the batch */

    struct sasrec_tape tape;
    real *grad;        /* arena */
    real *block_grad;  /* (blocks of windows, dense size) */
    real *slab, *coefficient;
};

/* Lists of training items, without the last hide_last of each user. */
void cf_batch_lists(struct cf_training *b, const struct history *h, int hide_last);

/* Users and windows of a step, then everything that follows from them. */
void cf_batch_draw(struct cf_training *b, const struct cf_options *o, int items,
                   const struct sasrec *m, uint64_t step);

#endif
