/* Rankings of things of which each is worth something: graded relevance.  Ties as in
 * metrics/metric.h: every metric is its mean over the orders of equal scores. */
#ifndef METRICS_METRIC_GRADED_H
#define METRICS_METRIC_GRADED_H

#include "metrics/metric.h"

/* How a metric sees the scores (n) of one user, whose things are worth rel (n, not
 * negative, one of them positive); NaN is a missing score and ranks last:
 *   hr@1    the share of favourites (those worth most) among what is ranked first
 *   ndcg@k  sum over ranks r <= k of rel / log2(r + 1), divided by the largest such sum
 * Others are not defined here, and metric_graded_has says so. */
double metric_graded_value(struct metric m, const float *score, const float *rel, int n);
bool metric_graded_has(struct metric m);

#endif
