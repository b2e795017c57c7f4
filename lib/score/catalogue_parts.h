/* Between catalogue.c, catalogue_rank.c and catalogue_top.c. */
#ifndef SCORE_CATALOGUE_PARTS_H
#define SCORE_CATALOGUE_PARTS_H

#include "score/catalogue.h"

enum {
    ITEMS = 512,         /* of a block: their vectors stay in the cache for its users */
    USERS = 256,         /* of a block, one thread's, at most */
    USERS_LEAST = 32,    /* where there are few users for the threads */
    AT_ONCE = 64 * USERS /* between two looks at the clock */
};

/* Returns how many users a block has of so many rows.  A product of 256 users' vectors
 * of 50 numbers takes half the time a pair of one of 32.  No score depends on it. */
int catalogue_block_users(int64_t rows);

/* A product of blocks gives scores up to rounding, and what is clear from these need not
 * be scored by itself.  Sums of n products x_j y_j in any order differ from the true one
 * by at most n u |x| |y|, u half of FLT_EPSILON (Higham 2002, 3.5), two of them by twice
 * that; as much again to spare. */
struct search {
    const struct item_scorer *m;
    const struct history *h;
    double *norm; /* (blocks of items): the largest |y|, NaN left out */
};

/* Release with catalogue_search_free. */
struct search catalogue_search_new(const struct item_scorer *m, const struct history *h);
void catalogue_search_free(struct search *s);

/* Users of a block with a vector, and their scores of a block of items, about. */
struct block {
    const int32_t *user;  /* (users), borrowed */
    int users;
    float *x;             /* (users, width) */
    double margin[USERS]; /* times a block's norm: how far off a score may be; 0:
                             exact, where the model is no dot product */
    float *score;         /* (users, ITEMS) */
};

/* Of users (at most USERS) user, borrowed; release with catalogue_block_free. */
void catalogue_block_new(struct block *b, const struct search *s, const int32_t *user,
                         int users);
void catalogue_block_free(struct block *b);

/* Fills b->score for items first .. first + n - 1, first a multiple of ITEMS; how far off
 * those of user u may be. */
void catalogue_block_scores(struct block *b, const struct search *s, int64_t first,
                            int n);
double catalogue_block_margin(const struct block *b, const struct search *s, int u,
                              int64_t first);

/* The items that a user has had, ascending; at: the first that is not yet passed. */
struct seen {
    int32_t *item;
    int64_t count, at;
};

/* All of them but the truth of that split, if the user has one.  The caller frees
 * s->item. */
void catalogue_seen(struct seen *s, const struct history *h, int split, int user);

#endif
