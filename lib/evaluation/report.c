#include "evaluation/report.h"

#include "evaluation/report_parts.h"
#include "util/escape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const report_formats[] = {
    [REPORT_TEXT] = "text",         [REPORT_TSV] = "tsv",        [REPORT_JSON] = "json",
    [REPORT_MARKDOWN] = "markdown", [REPORT_USERS] = "per-user", NULL,
};

bool report_grouped(const struct evaluation *v, int count)
{
    for (int i = 0; i < count; i++)
        if (v[i].groups > 1)
            return true;
    return false;
}

/* A tab, and text that may hold any character. */
static void report_tsv_text(FILE *out, const char *text)
{
    putc('\t', out);
    escape_put(out, text, strlen(text));
}

/* One line for each number, all in one table; with groups the last column names them. */
struct tsv {
    FILE *out;
    const struct evaluation *v;
    bool grouped;
    int group;
};

static void tsv_line(const struct tsv *t, const char *name, const char *against, int m,
                     const struct interval *i, bool exact)
{
    char metric[96];

    fprintf(t->out, "%s\t%s\t%s\t%s\t%.6f\t", t->v->split, name, against,
            evaluation_metric(t->v, m, metric, sizeof metric), i->mean);
    if (exact || isnan(i->low))
        fputs("\t", t->out);
    else
        fprintf(t->out, "%.6f\t%.6f", i->low, i->high);
    fprintf(t->out, "\t%lld", (long long)t->v->group[t->group].users);
}

static void tsv_end(const struct tsv *t)
{
    if (t->grouped)
        report_tsv_text(t->out, t->v->group[t->group].name);
    putc('\n', t->out);
}

static void tsv_group(const struct tsv *t, const struct report *r)
{
    const struct evaluation *v = t->v;
    int at = t->group * v->metrics;

    for (int m = 0; m < v->metrics && r->chance; m++) {
        tsv_line(t, "chance", "", m, &v->chance[at + m], true);
        fputs("\t0\t", t->out), tsv_end(t);
    }
    for (int s = 0; s < v->scorers; s++)
        for (int m = 0; m < v->metrics; m++) {
            tsv_line(t, v->scorer[s].name, "", m, &v->scorer[s].value[at + m], false);
            fprintf(t->out, "\t%lld\t",
                    (long long)evaluation_unscored(v, &v->scorer[s], t->group));
            tsv_end(t);
        }
    for (int c = 0; c < v->comparisons; c++)
        for (int m = 0; m < v->metrics; m++) {
            const struct comparison *p = &v->comparison[c];

            tsv_line(t, v->scorer[p->first].name, v->scorer[p->second].name, m,
                     &p->difference[at + m], false);
            fputs("\t\t", t->out);
            if (!isnan(p->p[at + m]))
                fprintf(t->out, "%.6g", p->p[at + m]);
            tsv_end(t);
        }
}

static void tsv_block(FILE *out, const struct report *r, const struct evaluation *v,
                      bool grouped)
{
    for (int g = 0; g < v->groups; g++)
        tsv_group(&(struct tsv){ out, v, grouped, g }, r);
}

static void user_lines(FILE *out, const struct report *r, const struct evaluation *v,
                       int64_t u, bool grouped)
{
    for (int s = 0; s < v->scorers; s++) {
        double rank = v->scorer[s].rank[u];

        fprintf(out, "%s\t", v->split);
        if (r->ids && v->user[u] < r->ids->count)
            escape_put(out, texts_at(r->ids, v->user[u]),
                       texts_length(r->ids, v->user[u]));
        else
            fprintf(out, "%d", v->user[u]);
        fprintf(out, "\t%s\t", v->scorer[s].name);
        if (!isnan(rank))
            fprintf(out, "%g", rank);
        for (int m = 0; m < v->metrics; m++)
            if (metric_is_whole(v->metric[m].kind))
                putc('\t', out);
            else
                fprintf(out, "\t%.6f", v->scorer[s].x[u * v->metrics + m]);
        if (grouped)
            report_tsv_text(out, v->group_of ? v->group[v->group_of[u]].name : "");
        putc('\n', out);
    }
}

/* Blocks may differ in their protocol: then each has its own heading. */
static void users_block(FILE *out, const struct report *r, const struct evaluation *v,
                        bool heading, bool grouped)
{
    char metric[96];

    if (heading) {
        fputs("split\tuser\tscorer\trank", out);
        for (int m = 0; m < v->metrics; m++)
            fprintf(out, "\t%s", evaluation_metric(v, m, metric, sizeof metric));
        fputs(grouped ? "\tgroup\n" : "\n", out);
    }
    for (int64_t u = 0; u < v->users; u++)
        user_lines(out, r, v, u, grouped);
}

void report_print(FILE *out, const struct report *r, const struct evaluation *v,
                  int count)
{
    bool grouped = report_grouped(v, count);

    if (r->format == REPORT_TSV)
        fprintf(out, "split\tscorer\tagainst\tmetric\tvalue\tlow\thigh\tusers\tunscored"
                     "\tp%s\n", grouped ? "\tgroup" : "");
    for (int i = 0; i < count; i++) {
        if (r->format == REPORT_TEXT || r->format == REPORT_MARKDOWN) {
            if (i > 0)
                putc('\n', out);
            report_table(out, r, &v[i]);
        } else if (r->format == REPORT_TSV)
            tsv_block(out, r, &v[i], grouped);
        else if (r->format == REPORT_USERS)
            users_block(out, r, &v[i],
                        i == 0 || strcmp(v[i].protocol, v[i - 1].protocol) != 0, grouped);
    }
    if (r->format == REPORT_JSON)
        report_json(out, r, v, count);
}
