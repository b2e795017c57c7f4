/* Rows of an evaluation that belong together, and what follows from it for intervals and
 * tests.  Where few items are the truth of many users, their rows rise and fall together
 * with the item, and intervals over users are too narrow. */
#ifndef EVALUATION_CLUSTERS_H
#define EVALUATION_CLUSTERS_H

#include "evaluation/evaluation.h"

/* Up to here intervals over users are less than a tenth too narrow, whatever the rows of
 * an item have in common: see clusters_shared. */
#define CLUSTERS_SHARED 1.2

/* Returns how many rows of group g have the true item of an average row of the group:
 * sum n_i^2 / sum n_i over the true items, of n_i rows each; 0 without a truth.  Sets
 * *different to the number of true items.  The variance of a mean of rows is at most that
 * many times what it would be if all rows were independent: the design effect is
 * 1 + (shared - 1) r for rows of an item that correlate by r (Kish, Survey Sampling,
 * 1965). */
double clusters_shared(const struct evaluation *v, int g, int64_t *different);

/* Sets each group's true_items and, as asked for, its cluster, once truth and groups are
 * there.  AUTO chooses items in a group where any true item has several rows, and users
 * at once with them where users have several rows; else users.  Without true items users
 * are chosen.  Notes what was chosen for all users, and what differs in a group.  Notes
 * too where users were chosen and clusters_shared is above CLUSTERS_SHARED. */
void clusters_choose(struct evaluation *v, enum cluster asked);

/* Sets out (columns) to the means of x (users of group g, columns), a row after the
 * other, and their intervals. */
void clusters_bootstrap(const struct evaluation *v, int g, struct interval *out,
                        const double *x, int columns);

/* Sets p (columns) of the paired differences d (users of group g, columns), by a test of
 * so many rounds. */
void clusters_test(const struct evaluation *v, int g, double *p, const double *d,
                   int columns, int rounds);

#endif
