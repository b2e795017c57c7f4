/* The soft tokens of some sequences: the items and users in them projected once
 * each, and the gradient carried back to the projectors. */
#ifndef PROJECT_SOFT_TOKENS_H
#define PROJECT_SOFT_TOKENS_H

#include "project/stage2.h"
#include "prompt/token_tree.h"

struct soft_batch {
    const struct stage2 *s;
    int *slot;            /* (mixed_items_numbers) row of item_x, or -1 */
    int *items;           /* (item_count) their numbers */
    int item_count, room;
    int user_count;
    real *item_x, *user_x;     /* gathered inputs */
    real *item_y, *user_y;     /* (count, width) soft tokens */
    real *ditem_y, *duser_y;   /* their gradients, NULL before soft_gradient */
    struct projector_state *item_state, *user_state;
};

/* Makes f an empty set of soft tokens of s, which it borrows.  Release f with
 * soft_tokens_free. */
void soft_tokens_begin(struct soft_batch *f, const struct stage2 *s);
void soft_tokens_free(struct soft_batch *f);

/* Adds the items that the rows of q name. */
void soft_tokens_collect(struct soft_batch *f, const struct token_tree *q);

/* Projects the collected items, and the users' vectors x (users), each (user.in).  A user
 * whose vector is NULL gets zeros, which no row uses. */
void soft_tokens_project(struct soft_batch *f, const float *const *x, int users);

/* Returns the soft tokens as token_tree_embed takes them; `first` is the row, among all
 * users, of the sequence's first user. */
struct soft_tokens soft_tokens(const struct soft_batch *f, int first);

/* Adds drows (rows of q, width), the gradient of q's embeddings, to those of the
 * soft tokens that stand there; user_of and first as in token_tree_embed. */
void soft_tokens_gather_gradient(struct soft_batch *f, const struct token_tree *q,
                                 const real *drows, const int *user_of, int first);

/* Adds the gradient of both projectors' parameters to grad, an arena. */
void soft_tokens_backward(struct soft_batch *f, real *grad);

#endif
