/* Which metrics a table shows, and those of them that look at a scorer's lists. */
#ifndef EVALUATION_METRIC_LIST_H
#define EVALUATION_METRIC_LIST_H

#include "evaluation/evaluation.h"

/* Sets *metric, which the caller frees, to the metrics that text ("hr,ndcg,mrr") names:
 * those with a cut-off for each k (n), then the others.  Leaves out ndcg@1 beside hr@1,
 * which is the same.  Returns how many, or -1 and the reason in e. */
int metric_list_parse(const char *text, const long *k, int n, struct metric **metric,
                      struct error *e);

/* Return whether one of metric (metrics), or each of them, is of lists. */
bool metric_list_any_toplist(const struct metric *metric, int metrics);
bool metric_list_all_toplist(const struct metric *metric, int metrics);

/* Fills the metrics of lists of scorer s, whose score is (users, columns; NULL: all the
 * same): the users' x, and the values of metrics of all users together. */
void metric_list_fill(const struct evaluation *v, struct scorer *s, const float *score);

#endif
