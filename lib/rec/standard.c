#include "rec/stage2.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>

#define SPREAD_MIN 1e-6 /* a constant input stays as it is, less its mean */

void standard_of(struct standard *s, const float *vectors, int64_t n, int in)
{
    double *sum = mem_new((size_t)in, sizeof *sum);
    double *square = mem_new((size_t)in, sizeof *square);
    int64_t seen = 0;

    for (int64_t i = 0; i < n; i++) {
        const float *x = vectors + i * in;

        if (!isfinite(x[0]))
            continue;
        seen++;
        for (int j = 0; j < in; j++) {
            sum[j] += (double)x[j];
            square[j] += (double)x[j] * (double)x[j];
        }
    }
    s->mean = mem_new((size_t)in, sizeof *s->mean);
    s->scale = mem_new((size_t)in, sizeof *s->scale);
    for (int j = 0; j < in; j++) {
        double mean = seen ? sum[j] / (double)seen : 0;
        double spread = sqrt(fmax(seen ? square[j] / (double)seen - mean * mean : 1, 0));

        s->mean[j] = (real)mean;
        s->scale[j] = (real)(spread > SPREAD_MIN ? 1 / spread : 1);
    }
    free(sum);
    free(square);
}

void standard_free(struct standard *s)
{
    free(s->mean);
    free(s->scale);
    *s = (struct standard){ 0 };
}

void standard_apply(real *to, const struct standard *s, const float *from, int in)
{
    for (int j = 0; j < in; j++)
        to[j] = s->mean ? ((real)from[j] - s->mean[j]) * s->scale[j] : (real)from[j];
}
