/* Graded relevance: rankings of things of which each is worth something.  Ties count as
 * in metrics/metric.h: every metric is its mean over the orders of equal scores. */
#ifndef METRICS_METRIC_GRADED_H
#define METRICS_METRIC_GRADED_H

#include "metrics/metric.h"

/* Returns the metric m of one user's score (n), where the things are worth rel (n, not
 * negative, one of them positive).  NaN is a missing score and ranks last.
 *   hr@1    the share of favourites (those worth most) among what is ranked first
 *   ndcg@k  sum over ranks r <= k of rel / log2(r + 1), divided by the largest such sum
 * metric_graded_has says whether m is defined for graded relevance. */
double metric_graded_value(struct metric m, const float *score, const float *rel, int n);
bool metric_graded_has(struct metric m);

#endif
