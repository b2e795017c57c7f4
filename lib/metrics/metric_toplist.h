/* What a scorer recommends, whatever the truth: measures of each user's first k
 * candidates.
 *
 * Ties: equal scores that share the last places of the k are in the list in part, each
 * as likely as the others; a missing score (NaN) is behind every number and ties with
 * other missing ones.  So a constant scorer gets exactly chance. */
#ifndef METRICS_METRIC_TOPLIST_H
#define METRICS_METRIC_TOPLIST_H

#include "history/history.h"

#include <stdbool.h>

/* What the measures know of each item of the catalogue. */
struct popularity {
    int64_t items;
    double *information; /* (items): -log2 of the item's share of the training rows */
    bool *popular;       /* (items): among the POPULAR_SHARE with the most of them */
};

/* Metrics of the lists of all users, group by group: one number for each item of the
 * catalogue, which begins as `start`, takes in one user's list after the other, share
 * (columns) of item (columns), and becomes the value. */
struct metric_whole {
    double start;
    void (*add)(double *of_item, const double *share, const int32_t *item, int columns);
    double (*value)(const double *of_item, int64_t items);
};

/* The share of the items that some user can expect in his list: the mean over items of
 * 1 - the product over users of (1 - share). */
extern const struct metric_whole metric_toplist_coverage;

/* What an item in a list is worth: its information; 1 where it is popular. */
double metric_toplist_novelty(const struct popularity *p, int64_t item);
double metric_toplist_popbias(const struct popularity *p, int64_t item);

#define POPULAR_SHARE .1 /* of the items, rounded up; of equal ones the lower ids */

/* Returns the popularity of all items of h, to free with popularity_free.  An item
 * without training interactions counts as if it had one. */
struct popularity popularity_of(const struct history *h);
void popularity_free(struct popularity *p);

/* Sets share (columns) to how much of each candidate is among the first k by score
 * (columns; NULL: all the same).  Padding, an item (columns) below 0, has share 0.  room
 * (columns) is scratch.  Returns the sum of the shares, rounded: at most k. */
int metric_toplist_shares(double *share, const float *score, const int32_t *item,
                          int columns, int k, float *room);

#endif
