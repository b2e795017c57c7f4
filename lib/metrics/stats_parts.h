/* Between stats.c and stats_two_way.c. */
#ifndef METRICS_STATS_PARTS_H
#define METRICS_STATS_PARTS_H

#include "metrics/stats.h"
#include "util/rng.h"

/* Sums are taken in one order, but +a - a + b may differ from b in its last
 * bits: a resampled sum this near the observed one is equal to it. */
#define SAME_SUM 1e-9

/* Sets the means alone of out (columns), as stats_bootstrap_means does. */
void stats_means(struct interval *out, const double *x, const double *weight, int64_t n,
                 int columns);

/* Fills means (columns, resamples) with those of each resample.  Draws differ by
 * `way`. */
void stats_resample(double *means, const double *x, const double *weight, int64_t n,
                    int columns, int resamples, uint64_t seed, int way);

/* Sets low and high by the means of one column (resamples), which it sorts. */
void stats_quantiles(struct interval *out, double *means, int resamples);

/* Adds the rows of d (n, columns), each with a random sign, to sum (columns). */
void stats_flip_rows(double *sum, const double *d, int64_t n, int columns, rng *r);

/* Returns (columns) how far from 0 a sum of each column must lie to count: as far as the
 * column's own sum, but for rounding.  The caller frees the numbers. */
double *stats_flip_limits(const double *d, int64_t n, int columns);

/* Adds 1 to times[c] (columns) of each column whose sum, through scale[c] (NULL: 1), lies
 * as far from 0 as its limit.  Threads may count at once. */
void stats_flip_count(long *times, const double *sum, const double *scale,
                      const double *limit, int columns);

/* Sets p (columns) to (times + 1) / (rounds + 1). */
void stats_flip_p(double *p, const long *times, int columns, int rounds);

#endif
