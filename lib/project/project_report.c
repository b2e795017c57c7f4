#include "project/project_report.h"

#include "util/mem.h"

#include <math.h>

char *project_report_words(const char *what, const struct project_progress *sum,
                           int candidates)
{
    double n = (double)sum->seen;

    if (sum->seen == 0)
        return mem_string("");
    return mem_format("%s select %.3f (ln %d = %.3f) right %.3f title %.3f, ", what,
                      sum->select / n, candidates, log(candidates), sum->right / n,
                      sum->title / n);
}

void project_report_means(double *mean, const struct project_trainer *t,
                          const struct project_progress *sum)
{
    double n = sum->seen > 0 ? (double)sum->seen : NAN;

    mean[0] = sum->seen > 0 ? project_trainer_loss(t, sum) : NAN;
    mean[1] = sum->select / n;
    mean[2] = sum->title / n;
    mean[3] = sum->right / n;
}
