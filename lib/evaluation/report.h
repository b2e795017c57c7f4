/* Evaluations as tables: for people, for other programs, for a document. */
#ifndef EVALUATION_REPORT_H
#define EVALUATION_REPORT_H

#include "evaluation/evaluation.h"
#include "stream/tensor.h"

#include <stdbool.h>
#include <stdio.h>

enum report_format {
    REPORT_TEXT,
    REPORT_TSV,
    REPORT_JSON,
    REPORT_MARKDOWN,
    REPORT_USERS, /* a line for each user and scorer */
};

extern const char *const report_formats[]; /* of the enum, then NULL */

struct report {
    enum report_format format;
    bool chance;             /* with a first row for it */
    const struct texts *ids; /* original user ids, or NULL: the numbers */
};

/* Prints the evaluations v (count) to out.  Text has characters beyond ASCII only where
 * the locale has them; the caller has called setlocale. */
void report_print(FILE *out, const struct report *r, const struct evaluation *v,
                  int count);

#endif
