/* Losses that rank items for representations: each row of F (rows, d) should
 * score its target item above the others, score = F E'.
 *
 * E (items, d): item i's embedding is row i.  target (rows): -1 skips a row.
 * All return scale times the sum over rows, fill dF (rows, d), and add to dE
 * (items, d).  They run in parallel over fixed blocks: the result is the same
 * at any number of threads. */
#ifndef CF_ITEM_LOSS_H
#define CF_ITEM_LOSS_H

#include "nn/real.h"

#include <stdint.h>

/* -log softmax over all items.  slab: item_loss_softmax_slab(items) numbers. */
double item_loss_softmax(real *dF, real *dE, const real *F, const int32_t *target,
                         int rows, const real *E, int items, int d, double scale,
                         real *slab);
long item_loss_softmax_slab(int items);

/* -b log s(target) - sum over k negatives of log(1 - s(negative)), s the logistic
 * function: binary cross-entropy with b = 1, gBCE with item_loss_gbce_weight (Petrov and
 * Macdonald 2023).  item (rows, 1 + k): target first; coefficient (rows, 1 + k)
 * is left for item_loss_scatter, which a dE of NULL leaves to the caller. */
double item_loss_sampled(real *dF, real *dE, const real *F, const int32_t *item, int rows,
                         int k, const real *E, int d, double b, double scale,
                         real *coefficient);

/* - sum over k negatives of log s(score of target - score of negative): BPR (Rendle et
 * al. 2009).  item and coefficient as above, dE is the caller's. */
double item_loss_bpr(real *dF, const real *F, const int32_t *item, int rows, int k,
                     const real *E, int d, double scale, real *coefficient);

/* item_loss_sampled with the same n negatives for all rows, so that products are of whole
 * matrices.  E_n (n, d) are the negatives' vectors.  logits (rows, n) = F E_n' are the
 * caller's; -INFINITY leaves a negative out of a row.  In their place coefficients are
 * left for item_loss_shared_scatter, and in coefficient (rows) the targets' for
 * item_loss_scatter.  shift is taken off every score, the target's too: with log n a
 * model whose scores are 0 begins at the base rate, where n negatives weigh as much as
 * one target.  One thread does it. */
double item_loss_shared(real *dF, const real *F, const int32_t *target, int rows,
                        const real *E, const real *E_n, int n, int d, double b,
                        double shift, double scale, real *logits, real *coefficient);

/* dE_n (n, d) += coefficient' F, of the coefficients (rows, n) that item_loss_shared
 * left. */
void item_loss_shared_scatter(real *dE_n, const real *coefficient, const real *F,
                              int rows, int n, int d);

/* b = 1 - t (1 - a), a = k / (items - 1). */
double item_loss_gbce_weight(int k, int items, double t);

/* item_loss_scatter's share of one thread of a team: every thread calls it. */
void item_loss_scatter_share(real *dE, const int32_t *item, const real *coefficient,
                             const real *rows, long n, int each, int d);

/* dE[item[i]] += coefficient[i] rows[i / each], in order of i for every item;
 * coefficient NULL: 1; item -1: nothing. */
void item_loss_scatter(real *dE, const int32_t *item, const real *coefficient,
                       const real *rows, long n, int each, int d);

#endif
