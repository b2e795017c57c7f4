#include "metrics/metric_graded.h"

#include "util/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

struct thing {
    double score, rel;
};

bool metric_graded_has(struct metric m)
{
    return (m.kind == METRIC_HR && m.k == 1) || m.kind == METRIC_NDCG;
}

/* Best first. */
static int by_score(const void *a, const void *b)
{
    const struct thing *x = a, *y = b;

    return x->score < y->score ? 1 : x->score > y->score ? -1 : 0;
}

/* The end of the group of equal scores that begins at first. */
static int tied_end(const struct thing *t, int first, int n)
{
    int end = first + 1;

    while (end < n && t[end].score == t[first].score)
        end++;
    return end;
}

/* Sum of rel / log2(rank + 1) over the first k ranks; each of a group of equal scores has
 * the group's mean. */
static double gain(const struct thing *t, int n, int k)
{
    double sum = 0;

    for (int first = 0, end; first < n; first = end) {
        double rel = 0, discount = 0;

        end = tied_end(t, first, n);
        for (int i = first; i < end; i++) {
            rel += t[i].rel;
            discount += i < k ? 1 / log2(i + 2) : 0;
        }
        sum += rel / (end - first) * discount;
    }
    return sum;
}

static double favourites(const struct thing *t, int n, double most)
{
    int end = tied_end(t, 0, n), count = 0;

    for (int i = 0; i < end; i++)
        count += t[i].rel == most;
    return (double)count / end;
}

double metric_graded_value(struct metric m, const float *score, const float *rel, int n)
{
    struct thing *t = mem_new((size_t)n, sizeof *t);
    double most = 0, result;

    assert(metric_graded_has(m));
    for (int i = 0; i < n; i++) {
        t[i] = (struct thing){ isnan(score[i]) ? -INFINITY : (double)score[i],
                               (double)rel[i] };
        most = t[i].rel > most ? t[i].rel : most;
    }
    qsort(t, (size_t)n, sizeof *t, by_score);
    result = m.kind == METRIC_HR ? favourites(t, n, most) : gain(t, n, m.k);
    if (m.kind == METRIC_NDCG) {
        for (int i = 0; i < n; i++)
            t[i].score = t[i].rel;
        qsort(t, (size_t)n, sizeof *t, by_score);
        result /= gain(t, n, m.k);
    }
    free(t);
    return result;
}
