#include "metrics/metric.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct place metric_place(const float *score, const int32_t *item, int columns, int truth)
{
    float t = score[truth];
    struct place p = { 0 };

    for (int i = 0; i < columns; i++) {
        if (item[i] < 0)
            continue;
        p.scored |= !isnan(score[i]);
        if (isnan(t)) {
            p.above += !isnan(score[i]);
            p.tied += isnan(score[i]);
        } else {
            p.above += score[i] > t;
            p.tied += score[i] == t;
        }
    }
    return p;
}

struct place metric_place_by_chance(const int32_t *item, int columns)
{
    struct place p = { .scored = true };

    for (int i = 0; i < columns; i++)
        p.tied += item[i] >= 0;
    return p;
}

double metric_mean_rank(struct place p)
{
    return p.above + (p.tied + 1) / 2.0;
}

static const struct {
    const char *name;
    bool cut;
} kinds[METRICS] = {
    [METRIC_HR] = { "hr", true },         [METRIC_NDCG] = { "ndcg", true },
    [METRIC_MRR] = { "mrr", false },      [METRIC_RECALL] = { "recall", true },
    [METRIC_MAP] = { "map", true },       [METRIC_COVERAGE] = { "coverage", true },
    [METRIC_NOVELTY] = { "novelty", true },
    [METRIC_POPBIAS] = { "popbias", true },
};

const char *metric_kind_name(enum metric_kind kind)
{
    return kinds[kind].name;
}

const char *metric_kind_names(void)
{
    return "hr, ndcg, mrr, recall, map, coverage, novelty or popbias";
}

bool metric_is_toplist(enum metric_kind kind)
{
    return kind == METRIC_COVERAGE || kind == METRIC_NOVELTY || kind == METRIC_POPBIAS;
}

bool metric_is_whole(enum metric_kind kind)
{
    return kind == METRIC_COVERAGE;
}

bool metric_has_cut(enum metric_kind kind)
{
    return kinds[kind].cut;
}

int metric_kind_find(const char *name, size_t length)
{
    for (int i = 0; i < METRICS; i++)
        if (strlen(kinds[i].name) == length && strncmp(kinds[i].name, name, length) == 0)
            return i;
    return -1;
}

static double at_rank(struct metric m, int rank)
{
    if (kinds[m.kind].cut && rank > m.k)
        return 0;
    switch (m.kind) {
    case METRIC_NDCG:
        return 1 / log2(rank + 1.0);
    case METRIC_MRR:
    case METRIC_MAP:
        return 1.0 / rank;
    default:
        return 1;
    }
}

/* The sum of 1 / rank over begin < rank <= end, by Euler and Maclaurin: from 1000 on to
 * 1e-14. */
static double reciprocals(double begin, double end)
{
    return log(end / begin) + (1 / end - 1 / begin) / 2 -
           (1 / (end * end) - 1 / (begin * begin)) / 12;
}

double metric_value(struct metric m, struct place p)
{
    enum { MANY = 4096, LARGE = 1000 };
    int first = p.above + 1, last = p.above + p.tied, end = last;
    double sum = 0;

    assert(p.tied > 0 || !p.scored);
    if (!p.scored || metric_is_toplist(m.kind))
        return 0;
    if (m.kind != METRIC_MRR && last > m.k)
        end = m.k;
    else if (p.tied > MANY)
        end = first > LARGE ? p.above : LARGE;
    for (int rank = first; rank <= end; rank++)
        sum += at_rank(m, rank);
    if (m.kind == METRIC_MRR && end < last)
        sum += reciprocals(end, last);
    return sum / p.tied;
}

const char *metric_name(struct metric m, char *text, int size)
{
    if (metric_has_cut(m.kind))
        snprintf(text, (size_t)size, "%s@%d", kinds[m.kind].name, m.k);
    else
        snprintf(text, (size_t)size, "%s", kinds[m.kind].name);
    return text;
}

int metric_parse(const char *text, struct metric *m)
{
    size_t length = strcspn(text, "@");
    int kind = metric_kind_find(text, length);
    const char *k = text + length + 1;
    size_t digits;

    if (kind < 0 || metric_has_cut((enum metric_kind)kind) != (text[length] == '@'))
        return -1;
    *m = (struct metric){ (enum metric_kind)kind, 0 };
    if (!text[length])
        return 0;
    digits = strspn(k, "0123456789");
    if (k[digits] || digits == 0 || digits > 6 || k[0] == '0')
        return -1;
    m->k = atoi(k);
    return 0;
}
