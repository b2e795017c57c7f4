/* Rows of an evaluation that belong together, and what follows from it for intervals and
 * tests.  Where few items are the truth of many users, their rows rise and fall together
 * with the item, and intervals over users are too narrow. */
#ifndef EVALUATION_CLUSTERS_H
#define EVALUATION_CLUSTERS_H

#include "evaluation/evaluation.h"

/* More rows than that to a truth, seen from an average row, are no handful. */
#define CLUSTERS_HANDFUL 5

/* Returns how many rows have the true item of an average row: sum n_i^2 / sum n_i over
 * the true items, of n_i rows each; 0 without a truth.  Sets *different to the number of
 * true items. */
double clusters_shared(const struct evaluation *v, int64_t *different);

/* Sets v->cluster as asked for, once the truth is joined.  AUTO chooses items where
 * clusters_shared is above CLUSTERS_HANDFUL, and users at once with them where users have
 * several rows; else users.  Without true items users are chosen.  Notes what was chosen,
 * and where users were chosen and are no good choice. */
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
