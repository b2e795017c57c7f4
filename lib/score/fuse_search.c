/* Weights of fused scores, tried out on validation candidates. */
#include "score/fuse.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAME_MEAN 1e-12 /* means of the same users differ by more or not at all */

static double row_value(const struct fuse *s, int64_t u, const float *score,
                        const int *truth, struct metric on)
{
    return metric_value(on, metric_place(score, s->item + u * s->columns, s->columns,
                                         truth[u]));
}

double fuse_value(const struct fuse *s, const float *score, const int *truth,
                  struct metric on)
{
    double sum = 0;

    for (int64_t u = 0; u < s->users; u++)
        sum += row_value(s, u, score + u * s->columns, truth, on);
    return sum / (double)s->users;
}

/* The same of the fused scores, without keeping them; row (columns) is room. */
static double point_value(const struct fuse *s, const double *weight, const int *truth,
                          struct metric on, float *row)
{
    double sum = 0;

    for (int64_t u = 0; u < s->users; u++) {
        fuse_weighted_row(row, s, u, weight);
        sum += row_value(s, u, row, truth, on);
    }
    return sum / (double)s->users;
}

/* How many ways there are to share n units among the parts, (n + parts - 1) over
 * (parts - 1), or something above FUSE_POINTS. */
static int64_t ways_to_share(int n, int parts)
{
    int64_t ways = 1;

    for (int i = 1; i < parts && ways <= FUSE_POINTS; i++)
        ways = ways * (n + i) / i;
    return ways;
}

/* The i-th of these ways: units (parts), n together. */
static void share(int *units, int parts, int n, int64_t i)
{
    for (int p = 0; p < parts - 1; p++) {
        int64_t ways;

        units[p] = 0;
        while ((ways = ways_to_share(n - units[p], parts - p - 1)) <= i) {
            i -= ways;
            units[p]++;
        }
        n -= units[p];
    }
    units[parts - 1] = n;
}

/* Rounded to six decimals, which a person can read and give back. */
static void weights_of(double *weight, const int *units, int parts, int n)
{
    for (int p = 0; p < parts; p++)
        weight[p] = round(1e6 * units[p] / n) / 1e6;
}

/* The less, the more even. */
static long unevenness(const int *units, int parts)
{
    long sum = 0;

    for (int p = 0; p < parts; p++)
        sum += (long)units[p] * units[p];
    return sum;
}

/* value (points): the mean of each of the ways to share n. */
static void try_all(double *value, int64_t points, const struct fuse *s, int n,
                    const int *truth, struct metric on)
{
#pragma omp parallel
    {
        double *weight = mem_new((size_t)s->parts, sizeof *weight);
        int *units = mem_new((size_t)s->parts, sizeof *units);
        float *row = mem_new((size_t)s->columns, sizeof *row);

#pragma omp for schedule(dynamic)
        for (int64_t i = 0; i < points; i++) {
            share(units, s->parts, n, i);
            weights_of(weight, units, s->parts, n);
            value[i] = point_value(s, weight, truth, on, row);
        }
        free(weight);
        free(units);
        free(row);
    }
}

double fuse_search(double *weight, const struct fuse *s, const int *truth,
                   struct metric on, int steps)
{
    int n = steps, *units = mem_new((size_t)s->parts, sizeof *units);
    double *value, best = -1;
    int64_t points;
    long least = 0;

    while (n > 1 && ways_to_share(n, s->parts) > FUSE_POINTS)
        n--;
    points = ways_to_share(n, s->parts);
    value = mem_new((size_t)points, sizeof *value);
    try_all(value, points, s, n, truth, on);
    for (int64_t i = 0; i < points; i++)
        best = fmax(best, value[i]);
    for (int64_t i = 0; i < points; i++) {
        share(units, s->parts, n, i);
        if (value[i] < best - SAME_MEAN ||
            (least > 0 && unevenness(units, s->parts) >= least))
            continue;
        least = unevenness(units, s->parts);
        weights_of(weight, units, s->parts, n);
    }
    free(units);
    free(value);
    return best;
}
