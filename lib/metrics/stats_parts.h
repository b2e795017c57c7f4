/* Between stats.c and stats_two_way.c. */
#ifndef METRICS_STATS_PARTS_H
#define METRICS_STATS_PARTS_H

#include "metrics/stats.h"
#include "util/rng.h"

/* Sums are taken in one order, but +a - a + b may differ from b in its last
 * bits: a resampled sum this near the observed one is equal to it. */
#define SAME_SUM 1e-9

/* out (columns): the means alone; as of stats_bootstrap_means. */
void stats_means(struct interval *out, const double *x, const double *weight, int64_t n,
                 int columns);

/* means (columns, resamples): those of each resample, whose draws differ by `way`. */
void stats_resample(double *means, const double *x, const double *weight, int64_t n,
                    int columns, int resamples, uint64_t seed, int way);

/* Sets low and high by the means of one column (resamples), which it sorts. */
void stats_quantiles(struct interval *out, double *means, int resamples);

/* sum (columns) += the rows of d (n, columns), each with a random sign. */
void stats_flip_rows(double *sum, const double *d, int64_t n, int columns, rng *r);

/* How far from 0 a sum of each column must lie to count: its own distance, but for
 * rounding.  (columns); free with free(). */
double *stats_flip_limits(const double *d, int64_t n, int columns);

#endif
