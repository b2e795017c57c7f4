#include "metrics/metric_toplist.h"

#include "util/mem.h"

#include <math.h>
#include <stdlib.h>

struct counted {
    int64_t count;
    int64_t item;
};

static int most_first(const void *a, const void *b)
{
    const struct counted *x = a, *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return x->item < y->item ? -1 : 1;
}

struct popularity popularity_of(const struct history *h)
{
    struct popularity p = { .items = h->items };
    int64_t *count = history_popularity(h), all = 0;
    struct counted *order = mem_new((size_t)h->items, sizeof *order);

    p.information = mem_new((size_t)h->items, sizeof *p.information);
    p.popular = mem_new((size_t)h->items, sizeof *p.popular);
    for (int64_t i = 0; i < h->items; i++) {
        order[i] = (struct counted){ count[i], i };
        all += count[i];
    }
    for (int64_t i = 0; i < h->items; i++)
        p.information[i] = log2((double)(all > 0 ? all : 1) /
                                (double)(count[i] > 0 ? count[i] : 1));
    qsort(order, (size_t)h->items, sizeof *order, most_first);
    for (int64_t i = 0; i < (int64_t)ceil(POPULAR_SHARE * (double)h->items); i++)
        p.popular[order[i].item] = true;
    free(order);
    free(count);
    return p;
}

void popularity_free(struct popularity *p)
{
    free(p->information);
    free(p->popular);
}

/* Largest first, missing ones last. */
static int by_score(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    if (isnan(x) || isnan(y))
        return isnan(x) - isnan(y);
    return (x < y) - (x > y);
}

int metric_toplist_shares(double *share, const float *score, const int32_t *item,
                          int columns, int k, float *room)
{
    int n = 0, above = 0, tied = 0;
    float last;

    for (int j = 0; j < columns; j++)
        if (item[j] >= 0)
            room[n++] = score ? score[j] : 0;
    if (n == 0)
        k = 0;
    if (k > n)
        k = n;
    qsort(room, (size_t)n, sizeof *room, by_score);
    last = k > 0 ? room[k - 1] : 0;
    for (int i = 0; i < n; i++) {
        above += by_score(&room[i], &last) < 0;
        tied += by_score(&room[i], &last) == 0;
    }
    for (int j = 0; j < columns; j++) {
        float mine = score ? score[j] : 0;
        int side = by_score(&mine, &last);

        if (item[j] < 0 || k == 0 || side > 0)
            share[j] = 0;
        else
            share[j] = side < 0 ? 1 : (double)(k - above) / tied;
    }
    return k;
}

static void miss(double *missed, const double *share, const int32_t *item, int columns)
{
    for (int j = 0; j < columns; j++)
        if (share[j] > 0)
            missed[item[j]] *= 1 - share[j];
}

static double covered(const double *missed, int64_t items)
{
    double sum = 0;

    for (int64_t i = 0; i < items; i++)
        sum += 1 - missed[i];
    return sum / (double)items;
}

const struct metric_whole metric_toplist_coverage = { 1, miss, covered };

double metric_toplist_novelty(const struct popularity *p, int64_t item)
{
    return p->information[item];
}

double metric_toplist_popbias(const struct popularity *p, int64_t item)
{
    return p->popular[item];
}
