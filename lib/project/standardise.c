#include "project/stage2.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>

#define SPREAD_MIN 1e-6 /* a constant input stays as it is, less its mean */

/* Sums of rows and of their squares (in), each row counted weight times; returns by how
 * much that adds to the count. */
static double add_rows(double *sum, double *square, const float *vectors, double weight,
                       int64_t n, int in)
{
    double seen = 0;

    for (int64_t i = 0; i < n; i++) {
        const float *x = vectors + i * in;

        if (!isfinite(x[0]))
            continue;
        seen += weight;
        for (int j = 0; j < in; j++) {
            sum[j] += weight * (double)x[j];
            square[j] += weight * ((double)x[j] * (double)x[j]);
        }
    }
    return seen;
}

void standardise_of_both(struct standardise *s, const float *a, const float *b,
                         double share, int64_t n, int in)
{
    double *sum = mem_new((size_t)in, sizeof *sum);
    double *square = mem_new((size_t)in, sizeof *square);
    double seen = 0;

    if (share < 1)
        seen += add_rows(sum, square, a, 1 - share, n, in);
    if (share > 0)
        seen += add_rows(sum, square, b, share, n, in);
    s->mean = mem_new((size_t)in, sizeof *s->mean);
    s->scale = mem_new((size_t)in, sizeof *s->scale);
    for (int j = 0; j < in; j++) {
        double mean = seen > 0 ? sum[j] / seen : 0;
        double spread = sqrt(fmax(seen > 0 ? square[j] / seen - mean * mean : 1, 0));

        s->mean[j] = (real)mean;
        s->scale[j] = (real)(spread > SPREAD_MIN ? 1 / spread : 1);
    }
    free(sum);
    free(square);
}

void standardise_of(struct standardise *s, const float *vectors, int64_t n, int in)
{
    standardise_of_both(s, vectors, NULL, 0, n, in);
}

void standardise_free(struct standardise *s)
{
    free(s->mean);
    free(s->scale);
    *s = (struct standardise){ 0 };
}

void standardise_apply(real *to, const struct standardise *s, const float *from, int in)
{
    for (int j = 0; j < in; j++)
        to[j] = s->mean ? ((real)from[j] - s->mean[j]) * s->scale[j] : (real)from[j];
}
