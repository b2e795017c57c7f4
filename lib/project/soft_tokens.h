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
    struct guess_row *guesses; /* (users): what each guess is made of */
    int guess_count;           /* users that have room for one */
    real *item_x, *user_x;     /* gathered inputs */
    real *item_y, *user_y;     /* (count, width) soft tokens */
    real *guess_y;             /* (users, guesses, width) */
    real *ditem_y, *duser_y, *dguess_y; /* their gradients */
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

/* One list, as the guess about it is made. */
struct guess_list {
    const int *candidate; /* (count) items */
    const bool *admitted; /* (count) those that take part; NULL: all */
    int count;
    uint64_t mix;         /* key of mixed_items.h */
    int hypothesis;       /* the candidate that the guess is, where it is one of them */
};

/* Adds the candidates of a list that is guessed about to those that are projected. */
void soft_tokens_collect_list(struct soft_batch *f, const struct guess_list *l);

/* After soft_tokens_project: the guess of user `at`, u, about the list; where u has no
 * vector there is none, and no row uses it. */
void soft_tokens_guess(struct soft_batch *f, int at, const struct example *u,
                       const struct guess_list *l);

/* Returns the soft tokens as token_tree_embed takes them; `first` is the row, among all
 * users, of the sequence's first user. */
struct soft_tokens soft_tokens(const struct soft_batch *f, int first);

/* Returns how many rows of q are soft tokens. */
long soft_tokens_rows(const struct token_tree *q);

/* Copies these of rows (rows of q, width) to soft (soft_tokens_rows, width), in order. */
void soft_tokens_pick(real *soft, const real *rows, const struct token_tree *q,
                      int width);

/* Adds dsoft (soft_tokens_rows, width), the gradient of q's embeddings where soft tokens
 * stand, to those of the soft tokens; user_of and first as in token_tree_embed.  Rows are
 * added in the order of q's segments, which is that of its rows. */
void soft_tokens_gather_gradient(struct soft_batch *f, const struct token_tree *q,
                                 const real *dsoft, const int *user_of, int first);

/* Adds the gradient of both projectors' parameters to grad, an arena. */
void soft_tokens_backward(struct soft_batch *f, real *grad);

#endif
