#include "metrics/stats.h"

#include "metrics/stats_parts.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define TAIL .025 /* on either side of a 95 % interval */

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

void stats_means(struct interval *out, const double *x, const double *weight, int64_t n,
                 int columns)
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

/* Rows that are the same to the bit: users' metrics take few values, and counting
 * how often each was drawn touches two bytes a draw where the rows themselves, of a
 * million users, are in no cache. */
struct classes {
    uint16_t *of;  /* (n): a row's class; NULL where rows are too different */
    int64_t *row;  /* (count): the first row of each */
    int count;
};

enum { CLASS_SLOTS = 1 << 17, MOST_CLASSES = 1 << 15 };

static bool same_row(const double *x, const double *weight, int columns, int64_t i,
                     int64_t j)
{
    return memcmp(x + i * columns, x + j * columns, (size_t)columns * sizeof *x) == 0 &&
           (!weight || weight[i] == weight[j]);
}

/* x (n, columns), weight (n) or NULL.  Classes have to be a quarter of the rows at
 * most. */
static struct classes classes_of(const double *x, const double *weight, int64_t n,
                                 int columns)
{
    int most = n / 4 < MOST_CLASSES ? (int)(n / 4) : MOST_CLASSES;
    struct classes k = { .of = mem_new((size_t)n, sizeof *k.of),
                         .row = mem_new((size_t)most + 1, sizeof *k.row) };
    int *slot = mem_new(CLASS_SLOTS, sizeof *slot); /* open addressing: class + 1 */

    for (int64_t i = 0; i < n && k.count <= most; i++) {
        size_t at = XXH3_64bits(x + i * columns, (size_t)columns * sizeof *x);

        for (at %= CLASS_SLOTS; slot[at]; at = (at + 1) % CLASS_SLOTS)
            if (same_row(x, weight, columns, i, k.row[slot[at] - 1]))
                break;
        if (!slot[at]) {
            k.row[k.count] = i;
            slot[at] = ++k.count;
        }
        k.of[i] = (uint16_t)(slot[at] - 1);
    }
    free(slot);
    if (k.count > most) {
        free(k.of);
        k.of = NULL;
    }
    return k;
}

/* sum (columns) += times the row; the values in it. */
static double add_row(double *sum, const double *x, const double *weight, int columns,
                      int64_t row, double times)
{
    for (int c = 0; c < columns; c++)
        sum[c] += times * x[row * columns + c];
    return times * (weight ? weight[row] : 1);
}

/* sum (columns) += n rows of x (n, columns) drawn with replacement; the values in
 * them.  times (k->count): zero, and again afterwards. */
static double draw_rows(double *sum, const double *x, const double *weight, int64_t n,
                        int columns, const struct classes *k, int64_t *times, rng *r)
{
    double values = 0;

    for (int64_t i = 0; i < n; i++) {
        int64_t drawn = (int64_t)rng_below(r, (uint64_t)n);

        if (k->of)
            times[k->of[drawn]]++;
        else
            values += add_row(sum, x, weight, columns, drawn, 1);
    }
    for (int j = 0; k->of && j < k->count; j++) {
        values += add_row(sum, x, weight, columns, k->row[j], (double)times[j]);
        times[j] = 0;
    }
    return values;
}

void stats_resample(double *means, const double *x, const double *weight, int64_t n,
                    int columns, int resamples, uint64_t seed, int way)
{
    struct classes k = classes_of(x, weight, n, columns);

#pragma omp parallel
    {
        double *sum = mem_new((size_t)columns, sizeof *sum);
        int64_t *times = mem_new((size_t)k.count + 1, sizeof *times);

#pragma omp for schedule(static)
        for (int i = 0; i < resamples; i++) {
            rng r = rng_keyed("metrics bootstrap", seed, (uint64_t)i, (uint64_t)way);
            double values;

            memset(sum, 0, (size_t)columns * sizeof *sum);
            values = draw_rows(sum, x, weight, n, columns, &k, times, &r);
            for (int c = 0; c < columns; c++)
                means[(int64_t)c * resamples + i] = sum[c] / values;
        }
        free(sum);
        free(times);
    }
    free(k.of);
    free(k.row);
}

void stats_quantiles(struct interval *out, double *means, int resamples)
{
    qsort(means, (size_t)resamples, sizeof *means, by_value);
    out->low = quantile(means, resamples, TAIL);
    out->high = quantile(means, resamples, 1 - TAIL);
}

void stats_bootstrap_means(struct interval *out, const double *x, const double *weight,
                           int64_t n, int columns, int resamples, uint64_t seed)
{
    double *means = mem_new((size_t)columns * (size_t)resamples, sizeof *means);

    stats_means(out, x, weight, n, columns);
    stats_resample(means, x, weight, n, columns, resamples, seed, 0);
    for (int c = 0; c < columns; c++)
        stats_quantiles(&out[c], means + (int64_t)c * resamples, resamples);
    free(means);
}

void stats_flip_rows(double *sum, const double *d, int64_t n, int columns, rng *r)
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

double *stats_flip_limits(const double *d, int64_t n, int columns)
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

void stats_flip_count(long *times, const double *sum, const double *scale,
                      const double *limit, int columns)
{
    for (int c = 0; c < columns; c++) {
        if (fabs(scale ? scale[c] * sum[c] : sum[c]) >= limit[c]) {
#pragma omp atomic
            times[c]++;
        }
    }
}

void stats_flip_p(double *p, const long *times, int columns, int rounds)
{
    for (int c = 0; c < columns; c++)
        p[c] = (double)(times[c] + 1) / (double)(rounds + 1);
}

void stats_sign_flip_test(double *p, const double *d, int64_t n, int columns, int rounds,
                          uint64_t seed)
{
    double *limit = stats_flip_limits(d, n, columns);
    long *times = mem_new((size_t)columns, sizeof *times);

#pragma omp parallel
    {
        double *sum = mem_new((size_t)columns, sizeof *sum);

#pragma omp for schedule(static)
        for (int i = 0; i < rounds; i++) {
            rng r = rng_keyed("metrics sign flips", seed, (uint64_t)i, 0);

            memset(sum, 0, (size_t)columns * sizeof *sum);
            stats_flip_rows(sum, d, n, columns, &r);
            stats_flip_count(times, sum, NULL, limit, columns);
        }
        free(sum);
    }
    stats_flip_p(p, times, columns, rounds);
    free(limit);
    free(times);
}
