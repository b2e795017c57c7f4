/* One negative, as A-LLMRec publishes:
 *
 *   -log s(f x_i . y_i) - log(1 - s(f x_i . y_(n+i))), s the logistic function */
#include "align/rec.h"

#include "nn/loss.h"
#include "nn/vecmath.h"

#include <string.h>

/* A logit and its gradient for each row. */
static long work_of(int n)
{
    return 4L * n;
}

static double block(const struct rec_rows *r, int from, int to)
{
    int n = r->n, d = r->d;
    real f = (real)r->factor, *logit = r->work, *dlogit = r->work + 2L * n;
    double loss;

    for (int i = from; i < to; i++)
        logit[i] = f * vec_dot(r->x[i % n], r->y + (long)i * d, d);
    memset(dlogit + from, 0, (size_t)(to - from) * sizeof *dlogit);
    loss =
        bce_logits_all(dlogit + from, logit + from, from < n, to - from, r->weight / n);
    for (int i = from; i < to; i++) {
        const real *x = r->x[i % n];
        real *dy = r->dy + (long)i * d;

#pragma omp simd
        for (int j = 0; j < d; j++)
            dy[j] += f * dlogit[i] * x[j];
    }
    return loss;
}

const struct rec rec_bce = {
    .what = "-log s(x . dec(e)) of the item, -log(1 - s(x . dec(e))) of one negative",
    .work = work_of, .block = block,
};
