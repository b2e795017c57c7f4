#include "rec/ranking.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

int place_find(const int32_t *item, int columns, int32_t truth)
{
    int found = -1;

    for (int i = 0; i < columns; i++) {
        if (item[i] != truth)
            continue;
        if (found >= 0)
            return -2;
        found = i;
    }
    return found;
}

struct place place_of(const float *score, const int32_t *item, int columns, int truth)
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

struct place place_by_chance(const int32_t *item, int columns)
{
    struct place p = { .scored = true };

    for (int i = 0; i < columns; i++)
        p.tied += item[i] >= 0;
    return p;
}

double place_rank(struct place p)
{
    return p.above + (p.tied + 1) / 2.0;
}

static double at_rank(struct metric m, int rank)
{
    switch (m.kind) {
    case METRIC_HR:
        return rank <= m.k;
    case METRIC_NDCG:
        return rank <= m.k ? 1 / log2(rank + 1.0) : 0;
    case METRIC_MRR:
        break;
    }
    return 1.0 / rank;
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
    if (!p.scored)
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
    if (m.kind == METRIC_MRR)
        snprintf(text, (size_t)size, "mrr");
    else
        snprintf(text, (size_t)size, "%s@%d", m.kind == METRIC_HR ? "hr" : "ndcg", m.k);
    return text;
}
