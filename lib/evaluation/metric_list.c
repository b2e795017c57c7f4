#include "evaluation/metric_list.h"

#include "metrics/metric_row.h"
#include "util/mem.h"
#include "util/near.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_asked_for(const char *text, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = text; (at = strstr(at, name)); at += length)
        if ((at == text || at[-1] == ',') && (!at[length] || at[length] == ','))
            return true;
    return false;
}

/* Adds those of the names in text that take a cut-off, with k, or for k = 0 those that
 * take none. */
static int add_kinds(struct metric *metric, int count, const char *text, int k,
                     struct error *e)
{
    char names[METRIC_NAMES_TEXT];

    while (true) {
        size_t length = strcspn(text, ",");
        int kind = metric_kind_find(text, length);

        if (kind < 0) {
            fail(e, "'%.*s' is no measure: expected %s", (int)length, text,
                 metric_kind_names(names));
            return near_hint(e, text, length, metric_kind_list);
        }
        if (metric_has_cut((enum metric_kind)kind) == (k > 0))
            metric[count++] = (struct metric){ (enum metric_kind)kind, k };
        if (!text[length])
            return count;
        text += length + 1;
    }
}

int metric_list_parse(const char *text, const long *k, int n, struct metric **metric,
                      struct error *e)
{
    bool hr = is_asked_for(text, "hr");
    int count = 0, kept = 0;

    *metric = mem_new(((size_t)n + 1) * (strlen(text) + 1), sizeof **metric);
    for (int i = 0; i <= n && count >= 0; i++)
        count = add_kinds(*metric, count, text, i < n ? (int)k[i] : 0, e);
    if (count < 0)
        free(*metric);
    for (int i = 0; i < count; i++)
        if (!(hr && (*metric)[i].kind == METRIC_NDCG && (*metric)[i].k == 1))
            (*metric)[kept++] = (*metric)[i];
    return count < 0 ? -1 : kept;
}

bool metric_list_any_toplist(const struct metric *metric, int metrics)
{
    for (int m = 0; m < metrics; m++)
        if (metric_is_toplist(metric[m].kind))
            return true;
    return false;
}

bool metric_list_all_toplist(const struct metric *metric, int metrics)
{
    for (int m = 0; m < metrics; m++)
        if (!metric_is_toplist(metric[m].kind))
            return false;
    return true;
}

/* What one list is worth: the mean over its places of what an item is. */
static double list_value(const struct popularity *p, const struct metric_row *row,
                         const double *share, const int32_t *item, int columns,
                         int places)
{
    double sum = 0;

    for (int j = 0; j < columns; j++)
        if (share[j] > 0)
            sum += share[j] * row->item(p, item[j]);
    return places > 0 ? sum / places : 0;
}

/* The shares of the lists' items for one user after the other; what they are worth to
 * the user, or to the catalogue. */
struct lists {
    const struct evaluation *v;
    const float *score;
    double *share; /* (columns) */
    float *room;   /* (columns) */
};

static const int32_t *shares_of(struct lists *l, int64_t u, int k, int *places)
{
    const struct evaluation *v = l->v;
    const int32_t *item = v->item + u * v->columns;

    *places = metric_toplist_shares(l->share, l->score ? l->score + u * v->columns : NULL,
                                    item, v->columns, k, l->room);
    return item;
}

/* A metric of the lists of all users of group g. */
static double whole_value(struct lists *l, const struct metric_whole *whole, int g, int k)
{
    const struct evaluation *v = l->v;
    int64_t items = v->popularity->items;
    double *of_item = mem_new((size_t)items, sizeof *of_item), value;
    int places;

    for (int64_t i = 0; i < items; i++)
        of_item[i] = whole->start;
    for (int64_t u = 0; u < v->users; u++)
        if (evaluation_in_group(v, u, g)) {
            const int32_t *item = shares_of(l, u, k, &places);

            whole->add(of_item, l->share, item, v->columns);
        }
    value = whole->value(of_item, items);
    free(of_item);
    return value;
}

void metric_list_fill(const struct evaluation *v, struct scorer *s, const float *score)
{
    struct lists l = { v, score, mem_new((size_t)v->columns, sizeof *l.share),
                       mem_new((size_t)v->columns, sizeof *l.room) };
    int places;

    for (int m = 0; m < v->metrics; m++) {
        const struct metric_row *row = metric_row_of(v->metric[m].kind);

        for (int g = 0; g < v->groups && row->whole; g++)
            s->value[g * v->metrics + m] =
                (struct interval){ whole_value(&l, row->whole, g, v->metric[m].k), NAN,
                                   NAN };
        if (!row->item)
            continue;
        for (int64_t u = 0; u < v->users; u++) {
            const int32_t *item = shares_of(&l, u, v->metric[m].k, &places);

            s->x[u * v->metrics + m] =
                list_value(v->popularity, row, l.share, item, v->columns, places);
        }
    }
    free(l.share);
    free(l.room);
}
