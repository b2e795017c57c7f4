/* How sure a mean over users is.  Every resample draws from its own keyed
 * generator and sums in one order: the same seed gives the same bytes at any
 * number of threads. */
#ifndef METRICS_STATS_H
#define METRICS_STATS_H

#include <stdint.h>

struct interval {
    double mean, low, high;
};

/* The means of the columns of x (n, columns) with 95 % percentile bootstrap
 * intervals: `resamples` times n rows are drawn with replacement (the same rows
 * for every column), and low and high are the 2.5 % and 97.5 % quantiles of
 * their means, interpolated linearly.  Rows may be sums of weight (n) values each,
 * where these belong together (a cluster bootstrap): means are then of the values.
 * weight NULL: 1.  out (columns); n > 0. */
void stats_bootstrap_means(struct interval *out, const double *x, const double *weight,
                           int64_t n, int columns, int resamples, uint64_t seed);

/* Paired randomisation test: how often does the mean of the columns of
 * d (n, columns), each row's sign drawn anew, lie as far from 0 as the mean
 * itself?  p (columns) = (times + 1) / (rounds + 1), two-sided (Smucker, Allan
 * and Carterette 2007). */
void stats_sign_flip_test(double *p, const double *d, int64_t n, int columns, int rounds,
                          uint64_t seed);

#endif
