/* Inside of cf_trainer: training models of a user and an item, on training
 * interactions drawn with replacement, each with negatives drawn uniformly from the
 * items that are not the user's.  Of the users' and items' tables a step changes just
 * the rows that it touches (adam_rows). */
#ifndef REC_CF_PAIRS_H
#define REC_CF_PAIRS_H

#include "rec/cf_trainer.h"

/* One table of a step: its rows' gradients are sums of coefficient times rows. */
struct cf_table {
    int tensor;          /* in the model's list */
    int shift;           /* row of id 0 */
    const int32_t *id;   /* (n) */
    const real *coefficient; /* (n), NULL: 1 */
    const real *rows;    /* (n / each, cols) */
    long n;
    int each;
    int64_t *touched;    /* (rows): the last step that did, for the next one */
};

struct cf_pairs {
    int64_t n;        /* interactions */
    int32_t *owner;   /* (n): whose each is */
    int32_t *sorted;  /* (n): each user's items in ascending order */
    int each;         /* 1 + negatives */
    int32_t *user;    /* (batch) */
    int32_t *drawn;   /* (batch, each): item and negatives */
    real *x, *dx;     /* (batch, d): users' vectors, their gradient */
    real *coefficient; /* (batch, each) */
    double *loss;     /* (blocks) */
    real *grad;       /* arena, zero between steps */
    int64_t *touched[2];
};

/* The model with its initial weights, and room for a batch; 0, or -1 and the reason.
 * A user who has nothing to be trained on has zeros. */
int cf_pairs_new(struct cf_trainer *t, struct error *e);
void cf_pairs_free(struct cf_trainer *t);

/* Draws the batch, computes its gradient and takes Adam's step; its mean loss. */
double cf_pairs_step(struct cf_trainer *t);

#endif
