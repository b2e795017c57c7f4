#include "evaluation/report_parts.h"

#include "util/escape.h"
#include "util/mem.h"
#include "util/table.h"

#include <langinfo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool locale_is_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void grid_print(FILE *out, struct table *g, const struct report *r)
{
    if (r->format == REPORT_MARKDOWN)
        table_markdown(out, g);
    else
        table_text(out, g);
    table_free(g);
}

/* ".4560 .4250-.4881" */
static char *number_cell(const struct interval *i, bool range, const char *dash)
{
    char mean[32], low[32], high[32];

    table_short_number(i->mean, mean, sizeof mean);
    if (!range || isnan(i->low))
        return mem_string(mean);
    return mem_format("%s %s%s%s", mean, table_short_number(i->low, low, sizeof low),
                      dash, table_short_number(i->high, high, sizeof high));
}

/* "cf", or "cf, cold (48)" for a group. */
static char *row_name(const struct evaluation *v, const char *name, int g)
{
    char *group, *row;

    if (g == 0)
        return mem_string(name);
    group = escape_printed(v->group[g].name);
    row = mem_format("%s, %s (%lld)", name, group, (long long)v->group[g].users);
    free(group);
    return row;
}

static void scores(FILE *out, const struct report *r, const struct evaluation *v,
                   const char *dash)
{
    struct table g = { .columns = v->metrics + 1 };
    char metric[96];

    table_add(&g, mem_string(""));
    for (int m = 0; m < v->metrics; m++)
        table_add(&g, mem_string(evaluation_metric(v, m, metric, sizeof metric)));
    for (int i = 0; i < v->groups; i++) {
        if (r->chance)
            table_add(&g, row_name(v, "chance", i));
        for (int m = 0; m < v->metrics && r->chance; m++)
            table_add(&g, number_cell(&v->chance[i * v->metrics + m], false, dash));
        for (int s = 0; s < v->scorers; s++) {
            table_add(&g, row_name(v, v->scorer[s].name, i));
            for (int m = 0; m < v->metrics; m++)
                table_add(&g, number_cell(&v->scorer[s].value[i * v->metrics + m], true,
                                          dash));
        }
    }
    grid_print(out, &g, r);
}

/* Are they TREC's, and no users of a stream? */
static bool are_queries(const struct evaluation *v)
{
    return !v->columns && !v->ranked;
}

static void comparison(FILE *out, const struct report *r, const struct evaluation *v,
                       const struct comparison *c, int group)
{
    struct table g = { .columns = 4 };
    static const char *const heads[] = { "", "difference", "95 % interval", "p" };
    char text[96], high[32];

    char *of = escape_printed(v->group[group].name);

    fprintf(out, "\n%s%s%s: %s minus %s, the same %lld %s:\n%s", v->split,
            group ? ", " : "", of, v->scorer[c->first].name, v->scorer[c->second].name,
            (long long)v->group[group].users,
            v->people < v->users ? "items of users"
            : are_queries(v)     ? "queries"
                                 : "users",
            r->format == REPORT_MARKDOWN ? "\n" : "");
    free(of);
    for (int i = 0; i < 4; i++)
        table_add(&g, mem_string(heads[i]));
    for (int m = 0; m < v->metrics; m++) {
        const struct interval *d = &c->difference[group * v->metrics + m];

        table_add(&g, mem_string(evaluation_metric(v, m, text, sizeof text)));
        table_short_number(d->mean, text, sizeof text);
        table_add(&g, mem_format("%s%s", text[0] == '-' ? "" : "+", text));
        if (isnan(d->low)) { /* of all users together */
            table_add(&g, mem_string(""));
            table_add(&g, mem_string(""));
            continue;
        }
        table_add(&g,
                  mem_format("%s to %s", table_short_number(d->low, text, sizeof text),
                             table_short_number(d->high, high, sizeof high)));
        table_short_number(c->p[group * v->metrics + m], text, sizeof text);
        table_add(&g, mem_string(text));
    }
    grid_print(out, &g, r);
}

/* Candidates, all items, or TREC's queries. */
static void heading(FILE *out, const struct evaluation *v)
{
    const char *rows = are_queries(v) ? "queries" : "users";
    enum cluster cluster = v->group[0].cluster;
    const char *drawn = cluster == CLUSTER_ITEM   ? "true items"
                        : cluster == CLUSTER_BOTH ? "true items and users"
                                                  : rows;

    fprintf(out, "%s: ", v->split);
    if (v->people < v->users)
        fprintf(out, "%lld items of ", (long long)v->users);
    fprintf(out, "%lld %s", (long long)v->people, rows);
    if (v->retrieved)
        fprintf(out, ", all unseen items, of them the %s", evaluation_list(v));
    else if (v->columns)
        fprintf(out, ", %s candidates", v->protocol);
    else if (!are_queries(v))
        fputs(", all unseen items", out);
    fprintf(out, "; 95 %% intervals from %d resamples of the %s, seed %llu\n",
            v->resamples, drawn, (unsigned long long)v->seed);
}

void report_table(FILE *out, const struct report *r, const struct evaluation *v)
{
    bool markdown = r->format == REPORT_MARKDOWN;

    heading(out, v);
    fputs(markdown ? "\n" : "", out);
    scores(out, r, v, locale_is_utf8() ? "\u2013" : "-");
    for (int i = 0; i < v->comparisons * v->groups; i++)
        comparison(out, r, v, &v->comparison[i / v->groups], i % v->groups);
    for (int i = 0; i < v->notes; i++)
        fprintf(out, "%s%s\n", markdown ? "\n" : "note: ", v->note[i]);
}
