/* Evaluations of scores of labels (history/label_set.h): a label is worth what the
 * user's history has of it. */
#ifndef EVALUATION_JUDGE_LABELS_H
#define EVALUATION_JUDGE_LABELS_H

#include "evaluation/judge.h"

/* Fills v for every set that a scorer scored, at most JUDGED_LABELS of them, with a last
 * row for the histories themselves.  Takes those of the judge's metrics that are defined
 * for labels (metric_graded_has), or hr@1.  Returns how many. */
int judge_labels(struct judge *j, struct filter *f, struct evaluation *v);

#endif
