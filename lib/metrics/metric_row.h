/* What one metric is by itself: a row of METRIC_ROWS. */
#ifndef METRICS_METRIC_ROW_H
#define METRICS_METRIC_ROW_H

#include "metrics/metric.h"
#include "metrics/metric_toplist.h"

struct metric_row {
    const char *name;
    bool cut; /* takes a cut-off: NAME@k */

    /* A metric of the truth's place.  worth: what a rank from 1 on is worth.  rest: the
     * sum of worth over begin < rank <= end where these are many; NULL: a cut-off bounds
     * the ranks. */
    double (*worth)(int rank);
    double (*rest)(double begin, double end);

    /* The same of a ranking with several relevant things, at most k of which count, some
     * of them relevant. */
    double (*judged)(const struct judged *j, int k);

    /* A metric of each user's list of k: what an item in the list is worth. */
    double (*item)(const struct popularity *p, int64_t item);

    /* A metric of all users' lists together. */
    const struct metric_whole *whole;
};

/* Returns the row of a metric in METRIC_ROWS; it is static. */
const struct metric_row *metric_row_of(enum metric_kind kind);

#endif
