#include "plot/pca.h"

#include "util/mem.h"
#include "util/rng.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256, ROUNDS = 300 };

#define SETTLED 1e-10 /* change of an axis in a round, of a length of 1 */

static void find_mean(struct pca *p, const struct pca_rows *sets, int count)
{
    int64_t n = 0;

    for (int s = 0; s < count; s++) {
        n += sets[s].rows;
        for (int64_t i = 0; i < sets[s].rows; i++)
            for (int j = 0; j < p->d; j++)
                p->mean[j] += (double)sets[s].x[i * p->d + j];
    }
    for (int j = 0; j < p->d && n > 0; j++)
        p->mean[j] /= (double)n;
}

/* The sum of (x - mean)^T (x - mean), by blocks of rows: their upper halves. */
static void add_squares(double *c, const struct pca *p, const struct pca_rows *set)
{
    size_t d = (size_t)p->d;
    double *x = mem_new(BLOCK * d, sizeof *x);

    for (int64_t at = 0; at < set->rows; at += BLOCK) {
        int rows = (int)(set->rows - at < BLOCK ? set->rows - at : BLOCK);

        for (int i = 0; i < rows; i++)
            for (int j = 0; j < p->d; j++)
                x[(size_t)i * d + (size_t)j] =
                    (double)set->x[(at + i) * p->d + j] - p->mean[j];
        cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, p->d, rows, 1, x, p->d, 1, c,
                    p->d);
    }
    free(x);
}

static double dot(const double *a, const double *b, int d)
{
    double sum = 0;

    for (int j = 0; j < d; j++)
        sum += a[j] * b[j];
    return sum;
}

/* Takes from v its part along `from`, and makes it of length 1; its length before. */
static double make_unit(double *v, const double *from, int d)
{
    double along = from ? dot(v, from, d) : 0, length;

    for (int j = 0; from && j < d; j++)
        v[j] -= along * from[j];
    length = sqrt(dot(v, v, d));
    for (int j = 0; j < d && length > 0; j++)
        v[j] /= length;
    return length;
}

/* Powers of c find the axis that grows most, beside the one before it; its growth. */
static double find_axis(double *v, const double *c, const double *before, int d,
                        int which)
{
    double *next = mem_new((size_t)d, sizeof *next), grown = 0;
    rng r = rng_keyed("plot pca", 0, (uint64_t)which, 0);

    for (int j = 0; j < d; j++)
        v[j] = 2 * rng_uniform(&r) - 1;
    make_unit(v, before, d);
    for (int round = 0; round < ROUNDS; round++) {
        double change = 0;

        cblas_dsymv(CblasRowMajor, CblasUpper, d, 1, c, d, v, 1, 0, next, 1);
        grown = make_unit(next, before, d);
        for (int j = 0; j < d; j++)
            change = fmax(change, fabs(next[j] - v[j]));
        memcpy(v, next, (size_t)d * sizeof *v);
        if (change < SETTLED)
            break;
    }
    free(next);
    return grown;
}

static void point_up(double *v, int d)
{
    int most = (int)cblas_idamax(d, v, 1);

    for (int j = 0, turn = v[most] < 0; turn && j < d; j++)
        v[j] = -v[j];
}

void pca_new(struct pca *p, const struct pca_rows *sets, int count, int d)
{
    size_t width = (size_t)d;
    double *c = mem_new(width * width, sizeof *c), all = 0;

    *p = (struct pca){ .d = d, .mean = mem_new(width, sizeof *p->mean) };
    find_mean(p, sets, count);
    for (int s = 0; s < count; s++)
        add_squares(c, p, &sets[s]);
    for (int j = 0; j < d; j++)
        all += c[(size_t)j * width + (size_t)j];
    for (int a = 0; a < 2; a++) {
        double grown;

        p->axis[a] = mem_new(width, sizeof *p->axis[a]);
        grown = find_axis(p->axis[a], c, a ? p->axis[0] : NULL, d, a);
        point_up(p->axis[a], d);
        p->share[a] = all > 0 ? grown / all : 0;
    }
    free(c);
}

void pca_free(struct pca *p)
{
    free(p->mean);
    free(p->axis[0]);
    free(p->axis[1]);
}

double pca_along(const struct pca *p, int axis, const float *x)
{
    double sum = 0;

    for (int j = 0; j < p->d; j++)
        sum += ((double)x[j] - p->mean[j]) * p->axis[axis][j];
    return sum;
}
