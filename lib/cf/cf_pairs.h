/* Inside of cf_trainer: training models of a user and an item, on training
 * interactions drawn with replacement, each with negatives drawn uniformly from the
 * items that are not the user's.  Of the users' and items' tables a step changes just
 * the rows that it touches (adam_rows). */
#ifndef CF_CF_PAIRS_H
#define CF_CF_PAIRS_H

#include "cf/cf_kind.h"
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
    void *own;         /* the model's room for a batch */
};

/* What a model of a user and an item is by itself.  Its weights are cf_model.own. */
struct cf_pairs_kind {
    const char *item_tensor; /* the items' table; the users' is cf_kind.sign */
    size_t size, room;       /* bytes of cf_model.own, cf_pairs.own */

    /* Fills own, items, users and width of m from what f kept of cf.*, or dies. */
    void (*load)(struct cf_model *m, struct filter *f);
    void (*free)(void *own);
    struct params *(*params)(void *own);

    /* As cf_model_item and cf_model_score; user likewise. */
    void (*user)(const struct cf_model *m, real *x, int user);
    void (*item)(const struct cf_model *m, real *x, int item);
    void (*score)(const struct cf_model *m, real *score, const real *x, int first, int n);

    /* Training.  begin makes own and width of t->model with initial weights, and own and
     * tables of t->pairs.  block computes loss and gradients of the drawn pairs from ..
     * to - 1, which are block `index`.  Every thread of a team calls share, which takes
     * the step of what is no table; NULL: tables are all. */
    int (*begin)(struct cf_trainer *t, struct error *e);
    void (*end)(struct cf_pairs *b);
    void (*block)(struct cf_trainer *t, int index, int from, int to);
    void (*share)(struct cf_trainer *t);
};

/* The model with its initial weights, and room for a batch; 0, or -1 and the reason.
 * A user who has nothing to be trained on has zeros. */
int cf_pairs_new(struct cf_trainer *t, struct error *e);
void cf_pairs_free(struct cf_trainer *t);

/* Draws the batch, computes its gradient and takes Adam's step; its mean loss. */
double cf_pairs_step(struct cf_trainer *t);

#endif
