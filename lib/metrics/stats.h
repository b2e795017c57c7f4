/* How sure a mean over users is.  Every resample draws from its own keyed
 * generator and sums in one order: the same seed gives the same bytes at any
 * number of threads. */
#ifndef METRICS_STATS_H
#define METRICS_STATS_H

#include <stdint.h>

struct interval {
    double mean, low, high;
};

/* Sets out (columns) to the means of the columns of x (n, columns), n > 0, with 95 %
 * percentile bootstrap intervals.  Each of `resamples` resamples draws n rows with
 * replacement, the same rows for every column.  low and high are the 2.5 % and 97.5 %
 * quantiles of the resamples' means, interpolated linearly.  A row may be the sum of
 * weight (n) values that belong together (a cluster bootstrap); means are of values then.
 * weight NULL: each row is one value. */
void stats_bootstrap_means(struct interval *out, const double *x, const double *weight,
                           int64_t n, int columns, int resamples, uint64_t seed);

/* Sets p (columns) to the two-sided p of a paired randomisation test (Smucker, Allan and
 * Carterette 2007) of the columns of d (n, columns).  Each of `rounds` rounds draws each
 * row's sign anew.  p = (times + 1) / (rounds + 1), where the column's mean lay so many
 * times as far from 0 as the mean of d itself. */
void stats_sign_flip_test(double *p, const double *d, int64_t n, int columns, int rounds,
                          uint64_t seed);

/* The same rows as sums of clusters: x (n, columns), of weight (n) rows each, NULL: 1. */
struct clustered {
    const double *x, *weight;
    int64_t n;
};

/* Rows in clusters of two kinds at once, users and items: way[0] and way[1] are their
 * sums, way[2] the rows themselves.  Variance is that of Cameron, Gelbach and Miller
 * (2011), V0 + V1 - V2, and never below V0 or V1: the deviations from the mean of two
 * independent cluster bootstraps are added and brought to it, and so are the sums of
 * two independent sign flips.  Otherwise like the functions above. */
enum { CLUSTERED_WAYS = 3 };
void stats_two_way_means(struct interval *out, const struct clustered *way, int columns,
                         int resamples, uint64_t seed);
void stats_two_way_test(double *p, const struct clustered *way, int columns, int rounds,
                        uint64_t seed);

#endif
