/* Inside of cf_trainer: training models of a user and an item, on training
 * interactions drawn with replacement, each with negatives drawn uniformly from the
 * items that are not the user's.  Of the users' and items' tables a step changes just
 * the rows that it touches (adam_rows). */
#ifndef CF_CF_PAIRS_H
#define CF_CF_PAIRS_H

#include "cf/cf_trainer.h"

/* One table of a step: its rows' gradients are sums of coefficient times rows. */
struct cf_table {
    int tensor;          /* in the model's list */
    int shift;           /* row of id 0 */
    bool is_of_users;
    const int32_t *id;   /* (n) */
    const real *coefficient; /* (n), NULL: 1 */
    const real *rows;    /* (n / each, cols) */
    long n;
    int each;
    int64_t *touched;    /* (rows): the last step that did, for the next one */
};

enum { CF_TABLES = 4, PAIRS_AT_ONCE = 64 };

struct cf_pairs {
    int64_t n;         /* interactions */
    int32_t *owner;    /* (n): whose each is */
    int32_t *sorted;   /* (n): each user's items in ascending order */
    int each;          /* 1 + negatives */
    int32_t *user;     /* (batch) */
    int32_t *drawn;    /* (batch, each): item and negatives */
    int blocks;        /* of PAIRS_AT_ONCE */
    double *loss;      /* (blocks) */
    real *grad;        /* arena; of tables zero between steps */
    struct cf_table table[CF_TABLES];
    int tables;

    real *x, *dx;      /* MF: (batch, d), users' vectors, their gradient */
    real *coefficient; /* MF: (batch, each) */

    int32_t *row_user;       /* NCF: (batch each), of each pair */
    real *drow[CF_TABLES];   /* NCF: (batch each, cols): gradients of the pairs' vectors */
    struct neumf_tape *tape; /* NCF: (threads) */
    int tapes;
    real *block_grad;        /* NCF: (blocks, numbers of the network) */
};

/* The models' own: their weights and room; the loss and gradients of the drawn pairs from
 * .. to - 1 (block `index`); and, by every thread of a team, what is not a table. */
int cf_pairs_mf_new(struct cf_trainer *t, struct error *e);
void cf_pairs_mf_block(struct cf_trainer *t, int index, int from, int to);
int cf_pairs_ncf_new(struct cf_trainer *t, struct error *e);
void cf_pairs_ncf_free(struct cf_pairs *b);
void cf_pairs_ncf_block(struct cf_trainer *t, int index, int from, int to);
void cf_pairs_ncf_network_share(struct cf_trainer *t);

/* The model with its initial weights, and room for a batch; 0, or -1 and the reason.
 * A user who has nothing to be trained on has zeros. */
int cf_pairs_new(struct cf_trainer *t, struct error *e);
void cf_pairs_free(struct cf_trainer *t);

/* Draws the batch, computes its gradient and takes Adam's step; its mean loss. */
double cf_pairs_step(struct cf_trainer *t);

#endif
