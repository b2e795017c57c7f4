/* What a training of stage 2 says of its steps and validations. */
#ifndef PROJECT_PROJECT_REPORT_H
#define PROJECT_PROJECT_REPORT_H

#include "project/project_trainer.h"

/* Returns "WHAT select 2.1 (ln 10 = 2.303) right 0.2 title 3.1, ", means over the
 * examples of sum, or "" where it has none; to free.  candidates is how many stand in a
 * list. */
char *project_report_words(const char *what, const struct project_progress *sum,
                           int candidates);

enum { PROJECT_REPORT_MEANS = 4 };

/* Writes the means of loss, select, title and right (PROJECT_REPORT_MEANS); each is NAN
 * where sum has no examples. */
void project_report_means(double *mean, const struct project_trainer *t,
                          const struct project_progress *sum);

#endif
