#include "evaluation/report_parts.h"

#include <jansson.h>
#include <math.h>

/* Six decimals: as many as users can settle. */
static json_t *real(double x)
{
    char text[32];

    snprintf(text, sizeof text, "%.6f", x);
    return json_real(strtod(text, NULL));
}

static json_t *numbers(const struct evaluation *v, const struct interval *i, bool exact,
                       const double *p)
{
    json_t *list = json_array();
    char name[96];

    for (int m = 0; m < v->metrics; m++) {
        json_t *o = json_object();

        json_object_set_new(o, "name",
                            json_string(evaluation_metric(v, m, name, sizeof name)));
        json_object_set_new(o, "metric",
                            json_string(metric_kind_name(v->metric[m].kind)));
        if (metric_has_cut(v->metric[m].kind))
            json_object_set_new(o, "k", json_integer(v->metric[m].k));
        json_object_set_new(o, p ? "difference" : "value", real(i[m].mean));
        if (!exact && !isnan(i[m].low)) {
            json_object_set_new(o, "low", real(i[m].low));
            json_object_set_new(o, "high", real(i[m].high));
        }
        if (p && !isnan(p[m]))
            json_object_set_new(o, "p", real(p[m]));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *rows(const struct report *r, const struct evaluation *v, int g)
{
    json_t *list = json_array();
    int at = g * v->metrics;

    if (r->chance)
        json_array_append_new(list, json_pack("{s:s, s:I, s:o}", "scorer", "chance",
                                              "unscored", (json_int_t)0, "metrics",
                                              numbers(v, v->chance + at, true, NULL)));
    for (int i = 0; i < v->scorers; i++) {
        const struct scorer *s = &v->scorer[i];

        json_array_append_new(
            list, json_pack("{s:s, s:I, s:o}", "scorer", s->name, "unscored",
                            (json_int_t)evaluation_unscored(v, s, g), "metrics",
                            numbers(v, s->value + at, false, NULL)));
    }
    return list;
}

static json_t *comparisons(const struct evaluation *v, int g)
{
    json_t *list = json_array();
    int at = g * v->metrics;

    for (int i = 0; i < v->comparisons; i++) {
        const struct comparison *c = &v->comparison[i];

        json_array_append_new(
            list, json_pack("{s:s, s:s, s:o}", "scorer", v->scorer[c->first].name,
                            "against", v->scorer[c->second].name, "metrics",
                            numbers(v, c->difference + at, false, c->p + at)));
    }
    return list;
}

/* What the intervals of group g were drawn by. */
static void set_cluster(json_t *o, const struct evaluation *v, int g)
{
    json_object_set_new(o, "cluster", json_string(cluster_names[v->group[g].cluster]));
    if (v->true_item)
        json_object_set_new(o, "true_items", json_integer(v->group[g].true_items));
}

static json_t *groups(const struct report *r, const struct evaluation *v)
{
    json_t *list = json_array();

    for (int g = 1; g < v->groups; g++) {
        json_t *group = json_pack("{s:s, s:I, s:o, s:o}", "group", v->group[g].name,
                                  "users", (json_int_t)v->group[g].users, "rows",
                                  rows(r, v, g), "comparisons", comparisons(v, g));

        set_cluster(group, v, g);
        json_array_append_new(list, group);
    }
    return list;
}

static json_t *notes(const struct evaluation *v)
{
    json_t *list = json_array();

    for (int i = 0; i < v->notes; i++)
        json_array_append_new(list, json_string(v->note[i]));
    return list;
}

void report_json(FILE *out, const struct report *r, const struct evaluation *v, int count)
{
    json_t *blocks = json_array(), *block;

    for (int i = 0; i < count; i++) {
        block = json_pack("{s:s, s:I, s:s, s:i, s:i, s:I, s:o, s:o, s:o}", "split",
                          v[i].split, "users", (json_int_t)v[i].users, "candidates",
                          v[i].protocol, "columns", v[i].columns, "resamples",
                          v[i].resamples, "seed", (json_int_t)v[i].seed, "rows",
                          rows(r, &v[i], 0), "comparisons", comparisons(&v[i], 0),
                          "notes", notes(&v[i]));
        json_object_set_new(block, "people", json_integer(v[i].people));
        set_cluster(block, &v[i], 0);
        if (v[i].groups > 1)
            json_object_set_new(block, "groups", groups(r, &v[i]));
        json_array_append_new(blocks, block);
    }
    blocks = json_pack("{s:o}", "evaluations", blocks);
    json_dumpf(blocks, out, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    putc('\n', out);
    json_decref(blocks);
}
