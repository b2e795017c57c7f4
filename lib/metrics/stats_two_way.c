/* Rows that share users and items: intervals and tests over both at once. */
#include "metrics/stats_parts.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The sum over clusters of (sum - weight mean[c])^2: the variance of column c's sum. */
static double variance(const struct clustered *way, int columns, int c, double mean)
{
    double sum = 0;

    for (int64_t i = 0; i < way->n; i++) {
        double d = way->x[i * columns + c] - (way->weight ? way->weight[i] : 1) * mean;

        sum += d * d;
    }
    return sum;
}

/* What brings the sum of two independent deviations, of variance V0 + V1, to the
 * variance V0 + V1 - V2. */
static double scale_of(const struct clustered *way, int columns, int c, double mean)
{
    double v0 = variance(&way[0], columns, c, mean);
    double v1 = variance(&way[1], columns, c, mean);
    double v = v0 + v1 - variance(&way[2], columns, c, mean);

    v = fmax(v, fmax(v0, v1));
    return v0 + v1 > 0 ? sqrt(v / (v0 + v1)) : 1;
}

void stats_two_way_means(struct interval *out, const struct clustered *way, int columns,
                         int resamples, uint64_t seed)
{
    size_t cells = (size_t)columns * (size_t)resamples;
    double *one = mem_new(cells, sizeof *one), *two = mem_new(cells, sizeof *two);

    stats_means(out, way[2].x, way[2].weight, way[2].n, columns);
    stats_resample(one, way[0].x, way[0].weight, way[0].n, columns, resamples, seed, 0);
    stats_resample(two, way[1].x, way[1].weight, way[1].n, columns, resamples, seed, 1);
    for (int c = 0; c < columns; c++) {
        double *mine = one + (int64_t)c * resamples,
               *other = two + (int64_t)c * resamples;
        double mean = out[c].mean, scale = scale_of(way, columns, c, mean);

        for (int i = 0; i < resamples; i++)
            mine[i] = mean + scale * (mine[i] - mean + other[i] - mean);
        stats_quantiles(&out[c], mine, resamples);
    }
    free(one);
    free(two);
}

void stats_two_way_test(double *p, const struct clustered *way, int columns, int rounds,
                        uint64_t seed)
{
    double *limit = stats_flip_limits(way[2].x, way[2].n, columns);
    double *scale = mem_new((size_t)columns, sizeof *scale);
    long *times = mem_new((size_t)columns, sizeof *times);

    for (int c = 0; c < columns; c++)
        scale[c] = scale_of(way, columns, c, 0);
#pragma omp parallel
    {
        double *sum = mem_new((size_t)columns, sizeof *sum);

#pragma omp for schedule(static)
        for (int i = 0; i < rounds; i++) {
            memset(sum, 0, (size_t)columns * sizeof *sum);
            for (int w = 0; w < 2; w++) {
                rng r = rng_keyed("metrics sign flips", seed, (uint64_t)i, (uint64_t)w);

                stats_flip_rows(sum, way[w].x, way[w].n, columns, &r);
            }
            stats_flip_count(times, sum, scale, limit, columns);
        }
        free(sum);
    }
    stats_flip_p(p, times, columns, rounds);
    free(limit);
    free(scale);
    free(times);
}
