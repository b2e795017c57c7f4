#include "rec/report.h"

#include "rec/report_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *short_number(double x, char *text, size_t size)
{
    char digits[32];
    const char *d = digits;

    snprintf(digits, sizeof digits, "%.4f", fabs(x));
    if (digits[0] == '0')
        d++;
    snprintf(text, size, "%s%s", x < 0 && strtod(digits, NULL) > 0 ? "-" : "", d);
    return text;
}

/* One line for each number, all in one table. */
static void tsv_line(FILE *out, const struct evaluation *v, const char *name,
                     const char *against, int m, const struct interval *i, bool exact)
{
    char metric[96];

    fprintf(out, "%s\t%s\t%s\t%s\t%.6f\t", v->split, name, against,
            evaluation_metric(v, m, metric, sizeof metric), i->mean);
    if (exact)
        fputs("\t", out);
    else
        fprintf(out, "%.6f\t%.6f", i->low, i->high);
    fprintf(out, "\t%lld", (long long)v->users);
}

static void tsv_block(FILE *out, const struct report *r, const struct evaluation *v)
{
    for (int m = 0; m < v->metrics && r->chance; m++) {
        tsv_line(out, v, "chance", "", m, &v->chance[m], true);
        fputs("\t0\t\n", out);
    }
    for (int s = 0; s < v->scorers; s++)
        for (int m = 0; m < v->metrics; m++) {
            tsv_line(out, v, v->scorer[s].name, "", m, &v->scorer[s].value[m], false);
            fprintf(out, "\t%lld\t\n", (long long)v->scorer[s].unscored);
        }
    for (int c = 0; c < v->comparisons; c++)
        for (int m = 0; m < v->metrics; m++) {
            const struct comparison *p = &v->comparison[c];

            tsv_line(out, v, v->scorer[p->first].name, v->scorer[p->second].name, m,
                     &p->difference[m], false);
            fprintf(out, "\t\t%.6g\n", p->p[m]);
        }
}

static void user_lines(FILE *out, const struct report *r, const struct evaluation *v,
                       int64_t u)
{
    for (int s = 0; s < v->scorers; s++) {
        double rank = evaluation_rank(v, &v->scorer[s], u);

        fprintf(out, "%s\t", v->split);
        if (r->ids && v->user[u] < r->ids->count)
            fputs(texts_at(r->ids, v->user[u]), out);
        else
            fprintf(out, "%d", v->user[u]);
        fprintf(out, "\t%s\t", v->scorer[s].name);
        if (!isnan(rank))
            fprintf(out, "%g", rank);
        for (int m = 0; m < v->metrics; m++)
            fprintf(out, "\t%.6f", evaluation_value(v, &v->scorer[s], u, m));
        putc('\n', out);
    }
}

/* Blocks may differ in their protocol: then each has its own heading. */
static void users_block(FILE *out, const struct report *r, const struct evaluation *v,
                        bool heading)
{
    char metric[96];

    if (heading) {
        fputs("split\tuser\tscorer\trank", out);
        for (int m = 0; m < v->metrics; m++)
            fprintf(out, "\t%s", evaluation_metric(v, m, metric, sizeof metric));
        putc('\n', out);
    }
    for (int64_t u = 0; u < v->users; u++)
        user_lines(out, r, v, u);
}

void report_print(FILE *out, const struct report *r, const struct evaluation *v,
                  int count)
{
    if (r->format == REPORT_TSV)
        fputs("split\tscorer\tagainst\tmetric\tvalue\tlow\thigh\tusers\tunscored\tp\n",
              out);
    for (int i = 0; i < count; i++) {
        if (r->format == REPORT_TEXT || r->format == REPORT_MARKDOWN) {
            if (i > 0)
                putc('\n', out);
            report_table(out, r, &v[i]);
        } else if (r->format == REPORT_TSV)
            tsv_block(out, r, &v[i]);
        else if (r->format == REPORT_USERS)
            users_block(out, r, &v[i],
                        i == 0 || strcmp(v[i].protocol, v[i - 1].protocol) != 0);
    }
    if (r->format == REPORT_JSON)
        report_json(out, r, v, count);
}
