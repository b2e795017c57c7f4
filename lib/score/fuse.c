#include "score/fuse.h"

#include "util/mem.h"

#include <math.h>

/* Part p of user u's candidates into z (columns, parts). */
static void standardise(double *z, const struct fuse *s, int64_t u, int p)
{
    const float *x = s->score[p] + u * s->columns;
    const int32_t *item = s->item + u * s->columns;
    double sum = 0, squares = 0, mean, deviation;
    int n = 0;

    for (int j = 0; j < s->columns; j++)
        if (item[j] >= 0 && !isnan(x[j])) {
            sum += (double)x[j];
            n++;
        }
    if (n == 0)
        return;
    mean = sum / n;
    for (int j = 0; j < s->columns; j++)
        if (item[j] >= 0 && !isnan(x[j]))
            squares += ((double)x[j] - mean) * ((double)x[j] - mean);
    deviation = sqrt(squares / n);
    for (int j = 0; j < s->columns; j++)
        if (item[j] >= 0 && !isnan(x[j]) && deviation > 0)
            z[j * s->parts + p] = ((double)x[j] - mean) / deviation;
}

void fuse_standardise(struct fuse *s)
{
    int64_t row = (int64_t)s->columns * s->parts;

    s->z = mem_new((size_t)(s->users * row), sizeof *s->z);
#pragma omp parallel for schedule(static)
    for (int64_t u = 0; u < s->users; u++)
        for (int p = 0; p < s->parts; p++)
            standardise(s->z + u * row, s, u, p);
}

/* Has any part a score of user u? */
static bool is_scored(const struct fuse *s, int64_t u)
{
    for (int p = 0; p < s->parts; p++)
        for (int j = 0; j < s->columns; j++)
            if (s->item[u * s->columns + j] >= 0 &&
                !isnan(s->score[p][u * s->columns + j]))
                return true;
    return false;
}

/* The part that has all the weight, or -1. */
static int only_part(const double *weight, int parts)
{
    int found = -1;

    for (int p = 0; p < parts; p++) {
        if (fabs(weight[p]) > 0 && (found >= 0 || fabs(weight[p] - 1) > 0))
            return -1;
        if (fabs(weight[p]) > 0)
            found = p;
    }
    return found;
}

void fuse_weighted_row(float *out, const struct fuse *s, int64_t u, const double *weight)
{
    const double *z = s->z + u * s->columns * s->parts;
    int only = only_part(weight, s->parts);
    bool scored = is_scored(s, u);

    for (int j = 0; j < s->columns; j++, z += s->parts) {
        double sum = 0;

        for (int p = 0; p < s->parts; p++)
            sum += weight[p] * z[p];
        if (!scored || s->item[u * s->columns + j] < 0)
            out[j] = NAN;
        else
            out[j] = only < 0 ? (float)sum : s->score[only][u * s->columns + j];
    }
}

void fuse_weighted(float *out, const struct fuse *s, const double *weight)
{
#pragma omp parallel for schedule(static)
    for (int64_t u = 0; u < s->users; u++)
        fuse_weighted_row(out + u * s->columns, s, u, weight);
}

static void reciprocal_row(float *out, const struct fuse *s, int64_t u, double k)
{
    const int32_t *item = s->item + u * s->columns;
    bool scored = is_scored(s, u);

    for (int j = 0; j < s->columns; j++) {
        double sum = 0;

        for (int p = 0; p < s->parts && item[j] >= 0; p++) {
            const float *x = s->score[p] + u * s->columns;

            if (!isnan(x[j]))
                sum += 1 / (k + metric_mean_rank(metric_place(x, item, s->columns, j)));
        }
        out[j] = scored && item[j] >= 0 ? (float)sum : NAN;
    }
}

void fuse_reciprocal(float *out, const struct fuse *s, double k)
{
#pragma omp parallel for schedule(static)
    for (int64_t u = 0; u < s->users; u++)
        reciprocal_row(out + u * s->columns, s, u, k);
}
