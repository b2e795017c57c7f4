/* Between report.c, report_table.c and report_json.c. */
#ifndef EVALUATION_REPORT_PARTS_H
#define EVALUATION_REPORT_PARTS_H

#include "evaluation/report.h"

/* Has one of them groups? */
bool report_grouped(const struct evaluation *v, int count);

/* One evaluation as an aligned table or in Markdown. */
void report_table(FILE *out, const struct report *r, const struct evaluation *v);

/* All evaluations as one JSON object. */
void report_json(FILE *out, const struct report *r, const struct evaluation *v,
                 int count);

#endif
