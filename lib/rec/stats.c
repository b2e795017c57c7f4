#include "rec/stats.h"

#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TAIL .025 /* on either side of a 95 % interval */

/* Sums are taken in one order, but +a - a + b may differ from b in its last
 * bits: a resampled sum this near the observed one is equal to it. */
#define SAME_SUM 1e-9

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The q-quantile of the ascending x (n), linear between neighbours. */
static double quantile(const double *x, int n, double q)
{
    double at = q * (n - 1);
    int i = (int)at;

    return i + 1 < n ? x[i] + (at - i) * (x[i + 1] - x[i]) : x[n - 1];
}

static void column_means(struct interval *out, const double *x, const double *weight,
                         int64_t n, int columns)
{
    double *sum = mem_new((size_t)columns, sizeof *sum), values = 0;

    for (int64_t i = 0; i < n; i++) {
        values += weight ? weight[i] : 1;
        for (int c = 0; c < columns; c++)
            sum[c] += x[i * columns + c];
    }
    for (int c = 0; c < columns; c++)
        out[c].mean = sum[c] / values;
    free(sum);
}

/* sum (columns) += n rows of x (n, columns) drawn with replacement; the values in them. */
static double draw_rows(double *sum, const double *x, const double *weight, int64_t n,
                        int columns, rng *r)
{
    double values = 0;

    for (int64_t i = 0; i < n; i++) {
        int64_t drawn = (int64_t)rng_below(r, (uint64_t)n);
        const double *row = x + drawn * columns;

        values += weight ? weight[drawn] : 1;
        for (int c = 0; c < columns; c++)
            sum[c] += row[c];
    }
    return values;
}

void bootstrap_means(struct interval *out, const double *x, const double *weight,
                     int64_t n, int columns, int resamples, uint64_t seed)
{
    double *means = mem_new((size_t)columns * (size_t)resamples, sizeof *means);

    column_means(out, x, weight, n, columns);
#pragma omp parallel
    {
        double *sum = mem_new((size_t)columns, sizeof *sum);

#pragma omp for schedule(static)
        for (int i = 0; i < resamples; i++) {
            rng r = rng_keyed("metrics bootstrap", seed, (uint64_t)i, 0);
            double values;

            memset(sum, 0, (size_t)columns * sizeof *sum);
            values = draw_rows(sum, x, weight, n, columns, &r);
            for (int c = 0; c < columns; c++)
                means[(int64_t)c * resamples + i] = sum[c] / values;
        }
        free(sum);
    }
    for (int c = 0; c < columns; c++) {
        double *mine = means + (int64_t)c * resamples;

        qsort(mine, (size_t)resamples, sizeof *mine, by_value);
        out[c].low = quantile(mine, resamples, TAIL);
        out[c].high = quantile(mine, resamples, 1 - TAIL);
    }
    free(means);
}

/* sum (columns) += the rows of d (n, columns), each with a random sign. */
static void flip_rows(double *sum, const double *d, int64_t n, int columns, rng *r)
{
    uint64_t bits = 0;

    for (int64_t i = 0; i < n; i++) {
        double sign;

        bits = i % 64 == 0 ? rng_next(r) : bits >> 1;
        sign = bits & 1 ? 1 : -1;
        for (int c = 0; c < columns; c++)
            sum[c] += sign * d[i * columns + c];
    }
}

/* How far from 0 a sum of the column must lie to count: its own distance, but
 * for rounding. */
static double *limits(const double *d, int64_t n, int columns)
{
    double *limit = mem_new((size_t)columns, sizeof *limit);

    for (int c = 0; c < columns; c++) {
        double sum = 0, size = 0;

        for (int64_t i = 0; i < n; i++) {
            sum += d[i * columns + c];
            size += fabs(d[i * columns + c]);
        }
        limit[c] = fabs(sum) - SAME_SUM * size;
    }
    return limit;
}

void sign_flip_test(double *p, const double *d, int64_t n, int columns, int rounds,
                    uint64_t seed)
{
    double *limit = limits(d, n, columns);
    long *times = mem_new((size_t)columns, sizeof *times);

#pragma omp parallel
    {
        double *sum = mem_new((size_t)columns, sizeof *sum);

#pragma omp for schedule(static)
        for (int i = 0; i < rounds; i++) {
            rng r = rng_keyed("metrics sign flips", seed, (uint64_t)i, 0);

            memset(sum, 0, (size_t)columns * sizeof *sum);
            flip_rows(sum, d, n, columns, &r);
            for (int c = 0; c < columns; c++) {
                if (fabs(sum[c]) >= limit[c]) {
#pragma omp atomic
                    times[c]++;
                }
            }
        }
        free(sum);
    }
    for (int c = 0; c < columns; c++)
        p[c] = (double)(times[c] + 1) / (double)(rounds + 1);
    free(limit);
    free(times);
}
