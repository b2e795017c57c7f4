#include "metrics/metric.h"

#include "metrics/metric_row.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct place metric_place(const float *score, const int32_t *item, int columns, int truth)
{
    float t = truth < 0 ? NAN : score[truth];
    struct place p = { .missed = truth < 0 };

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

static double one(int rank)
{
    (void)rank;
    return 1;
}

static double discount(int rank)
{
    return 1 / log2(rank + 1.0);
}

static double reciprocal(int rank)
{
    return 1.0 / rank;
}

/* The sum of 1 / rank over begin < rank <= end, by Euler and Maclaurin: from 1000 on to
 * 1e-14. */
static double reciprocals(double begin, double end)
{
    return log(end / begin) + (1 / end - 1 / begin) / 2 -
           (1 / (end * end) - 1 / (begin * begin)) / 12;
}

static double any_relevant(const struct judged *j, int k)
{
    (void)j, (void)k;
    return 1;
}

/* DCG of the first k of gains (n), with the relevance itself as gain. */
static double gain_sum(const long *gain, int n, int k)
{
    double sum = 0;

    for (int i = 0; i < n && i < k; i++)
        sum += (double)gain[i] / log2(i + 2.0);
    return sum;
}

static double gain_share(const struct judged *j, int k)
{
    return gain_sum(j->found, j->n, k) / gain_sum(j->ideal, j->relevant, k);
}

static double first_reciprocal(const struct judged *j, int k)
{
    int i = 0;

    while (i + 1 < k && j->found[i] <= 0)
        i++;
    return 1 / (i + 1.0);
}

static int hits(const struct judged *j, int k)
{
    int n = 0;

    for (int i = 0; i < k && i < j->n; i++)
        n += j->found[i] > 0;
    return n;
}

static double relevant_share(const struct judged *j, int k)
{
    return (double)hits(j, k) / j->relevant;
}

static double mean_precision(const struct judged *j, int k)
{
    double precisions = 0;
    int n = 0;

    for (int i = 0; i < k && i < j->n; i++)
        if (j->found[i] > 0)
            precisions += ++n / (i + 1.0);
    return precisions / j->relevant;
}

#define ROW(kind, word, ...) [kind] = { .name = word, __VA_ARGS__ },
static const struct metric_row rows[METRICS] = { METRIC_ROWS(ROW) };
#undef ROW

#define NAME(kind, word, ...) [kind] = word,
const char *const metric_kind_list[METRICS + 1] = { METRIC_ROWS(NAME) };
#undef NAME

const struct metric_row *metric_row_of(enum metric_kind kind)
{
    return &rows[kind];
}

const char *metric_kind_name(enum metric_kind kind)
{
    return rows[kind].name;
}

const char *metric_kind_names(char text[METRIC_NAMES_TEXT])
{
    size_t at = 0;

    for (int i = 0; i < METRICS && at < METRIC_NAMES_TEXT; i++)
        at += (size_t)snprintf(text + at, METRIC_NAMES_TEXT - at, "%s%s",
                               i == 0 ? "" : i == METRICS - 1 ? " or " : ", ",
                               rows[i].name);
    return text;
}

bool metric_is_toplist(enum metric_kind kind)
{
    return rows[kind].item || rows[kind].whole;
}

bool metric_is_whole(enum metric_kind kind)
{
    return rows[kind].whole != NULL;
}

bool metric_has_cut(enum metric_kind kind)
{
    return rows[kind].cut;
}

int metric_kind_find(const char *name, size_t length)
{
    for (int i = 0; i < METRICS; i++)
        if (strlen(rows[i].name) == length && strncmp(rows[i].name, name, length) == 0)
            return i;
    return -1;
}

double metric_value(struct metric m, struct place p)
{
    enum { MANY = 4096, LARGE = 1000 };
    const struct metric_row *row = &rows[m.kind];
    int first = p.above + 1, last = p.above + p.tied, end = last;
    double sum = 0;

    assert(p.tied > 0 || !p.scored || p.missed);
    if (!p.scored || p.missed || !row->worth)
        return 0;
    if (row->cut && last > m.k)
        end = m.k;
    else if (row->rest && p.tied > MANY)
        end = first > LARGE ? p.above : LARGE;
    for (int rank = first; rank <= end; rank++)
        sum += row->worth(rank);
    if (row->rest && end < last)
        sum += row->rest(end, last);
    return sum / p.tied;
}

double metric_judged_value(struct metric m, const struct judged *j)
{
    const struct metric_row *row = &rows[m.kind];

    if (hits(j, row->cut ? m.k : j->n) == 0)
        return 0;
    return row->judged(j, row->cut ? m.k : j->n);
}

const char *metric_name(struct metric m, char *text, int size)
{
    if (metric_has_cut(m.kind))
        snprintf(text, (size_t)size, "%s@%d", rows[m.kind].name, m.k);
    else
        snprintf(text, (size_t)size, "%s", rows[m.kind].name);
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
