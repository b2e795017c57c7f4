/* Which metrics a table shows, and those of them that look at a scorer's lists. */
#ifndef EVALUATION_METRIC_LIST_H
#define EVALUATION_METRIC_LIST_H

#include "evaluation/evaluation.h"

/* "hr,ndcg,mrr" and cut-offs k (n): those that have one for each k, then the others.
 * ndcg@1, which is hr@1, is left out beside it.  How many, or -1 and the reason; free
 * *metric with free(). */
int metric_list_parse(const char *text, const long *k, int n, struct metric **metric,
                      struct error *e);

/* Is one, or are all of them, of lists? */
bool metric_list_any_toplist(const struct metric *metric, int metrics);
bool metric_list_all_toplist(const struct metric *metric, int metrics);

/* Fills scorer s, of score (users, columns; NULL: all the same), in the metrics that
 * are of lists: its users' x, and the values of those of whole groups. */
void metric_list_fill(const struct evaluation *v, struct scorer *s, const float *score);

#endif
