#include "recommend/reasons.h"

#include "util/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static double dot(const float *a, const float *b, int64_t n)
{
    double sum = 0;

#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static bool finite_row(const float *v, int64_t d)
{
    for (int64_t j = 0; j < d; j++)
        if (!isfinite(v[j]))
            return false;
    return true;
}

/* The mean (d) of the rows that are finite; free with free(). */
static double *mean_row(const float *v, int64_t rows, int64_t d)
{
    double *mean = mem_new((size_t)d, sizeof *mean);
    int64_t n = 0;

    for (int64_t i = 0; i < rows; i++) {
        if (!finite_row(v + i * d, d))
            continue;
        n++;
        for (int64_t j = 0; j < d; j++)
            mean[j] += (double)v[i * d + j];
    }
    for (int64_t j = 0; j < d && n > 0; j++)
        mean[j] /= (double)n;
    return mean;
}

void unit_vectors_of(struct unit_vectors *u, const struct tensor *vectors)
{
    int64_t d = vectors->shape[1];
    double *mean = mean_row(vectors->data, vectors->shape[0], d);

    *u = (struct unit_vectors){ .rows = vectors->shape[0], .width = d };
    u->v = mem_new((size_t)u->rows * (size_t)d, sizeof *u->v);
    for (int64_t i = 0; i < u->rows; i++) {
        const float *from = (const float *)vectors->data + i * d;
        float *to = u->v + i * d;
        double length;

        for (int64_t j = 0; j < d; j++)
            to[j] = (float)((double)from[j] - mean[j]);
        length = sqrt(dot(to, to, d));
        for (int64_t j = 0; j < d; j++)
            to[j] = length > 0 ? (float)((double)to[j] / length) : NAN;
    }
    free(mean);
}

void unit_vectors_free(struct unit_vectors *u)
{
    free(u->v);
}

static bool listed(const struct reason *why, int most, int32_t item)
{
    for (int i = 0; i < most; i++)
        if (why[i].item == item)
            return true;
    return false;
}

static void take(struct reason *why, int most, struct reason r)
{
    int at = most;

    while (at > 0 && (why[at - 1].item < 0 || why[at - 1].cosine < r.cosine))
        at--;
    for (int i = most - 1; i > at; i--)
        why[i] = why[i - 1];
    if (at < most)
        why[at] = r;
}

void reasons_find(struct reason *why, int most, const struct unit_vectors *u,
                  const int32_t *history, int64_t n, int32_t item)
{
    for (int i = 0; i < most; i++)
        why[i] = (struct reason){ -1, 0 };
    for (int64_t i = n - 1; i >= 0; i--) {
        float c = (float)dot(u->v + item * u->width, u->v + history[i] * u->width,
                             u->width);

        if (isfinite(c) && !listed(why, most, history[i]))
            take(why, most, (struct reason){ history[i], c });
    }
}
