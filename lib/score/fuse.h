/* Several scorers' scores of the same candidates made one.
 *
 * Scores of different scorers have no common unit.  So each is standardised within each
 * user: z = (score - mean) / sd over the user's candidates that it scored, 0 where sd
 * is 0, and 0, the user's mean, where it has no score (NaN): a missing score says
 * nothing.  The fused score is the sum over parts of weight x z.  Where one part has
 * weight 1 and the others 0, the fused scores are that part's as they are, so that they
 * rank in every case as it does. */
#ifndef SCORE_FUSE_H
#define SCORE_FUSE_H

#include "metrics/metric.h"

#include <stdbool.h>
#include <stdint.h>

struct fuse {
    int64_t users;
    int columns, parts;
    const int32_t *item;  /* (users, columns), below 0 pads; borrowed */
    const float **score;  /* (parts): (users, columns) each, NaN where missing */
    double *z;            /* (users, columns, parts), standardised; padding is 0 */
};

/* Computes s->z from the rest of s; free s->z with free(). */
void fuse_standardise(struct fuse *s);

/* Sets out (users, columns) to the sum of weight (parts) x z.  Padding, and users whom no
 * part has scored, get NaN. */
void fuse_weighted(float *out, const struct fuse *s, const double *weight);

/* Sets out (columns) to the row of user u that fuse_weighted computes. */
void fuse_weighted_row(float *out, const struct fuse *s, int64_t u, const double *weight);

/* Reciprocal rank fusion (Cormack, Clarke and Buettcher 2009): the sum over parts of
 * 1 / (k + rank), where equal scores share their mean rank and a missing score adds
 * nothing.  NaN as above. */
void fuse_reciprocal(float *out, const struct fuse *s, double k);

/* The weights (parts), none below 0 and 1 together, under which the mean of the metric
 * `on` over users is greatest; truth (users) is its column.  All multiples of 1 / n are
 * tried, n = steps, or less where these would be more than FUSE_POINTS: always each
 * part alone.  Of equally good ones the most even is taken.  Returns the mean. */
enum { FUSE_POINTS = 5000 };
double fuse_search(double *weight, const struct fuse *s, const int *truth,
                   struct metric on, int steps);

/* The mean of `on` over users of score (users, columns). */
double fuse_value(const struct fuse *s, const float *score, const int *truth,
                  struct metric on);

#endif
