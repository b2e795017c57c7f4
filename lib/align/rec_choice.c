/* The target among the negatives of the whole batch:
 *
 *   -log softmax(s)_0,  s_0 = f x_i . y_i,  s_j = f x_i . y_(n+j), j = 1 .. n
 *
 * A negative that is the target itself is left out.  One negative may be what another
 * user has had: it is among as many others, and the evaluation draws them likewise. */
#include "align/rec.h"

#include "nn/vecmath.h"

#include <tgmath.h>

/* The logits of each example, and its loss. */
static long work_of(int n)
{
    return (long)n * (n + 1) + n;
}

static void add(real *y, const real *x, real factor, int d)
{
#pragma omp simd
    for (int j = 0; j < d; j++)
        y[j] += factor * x[j];
}

/* s (n + 1): logits of example i, the target's first, become their gradient times scale;
 * returns the loss.  A negative that is the target gets 0. */
static double row_loss(real *s, const int32_t *id, int i, int n, double scale)
{
    real top = s[0], own = s[0];
    double sum = 0;

    for (int j = 0; j < n; j++)
        if (id[n + j] != id[i] && s[1 + j] > top)
            top = s[1 + j];
    for (int j = 0; j <= n; j++) {
        s[j] = j > 0 && id[n + j - 1] == id[i] ? 0 : exp(s[j] - top);
        sum += (double)s[j];
    }
    for (int j = 0; j <= n; j++)
        s[j] = (real)(scale * ((double)s[j] / sum - (j == 0)));
    return log(sum) - (double)(own - top);
}

static double whole(const struct rec_rows *r)
{
    int n = r->n, d = r->d;
    real *s = r->work, *loss = r->work + (long)n * (n + 1), f = (real)r->factor;
    double sum = 0;

#pragma omp parallel for schedule(static)
    for (int i = 0; i < n; i++) {
        real *row = s + (long)i * (n + 1);

        row[0] = f * vec_dot(r->x[i], r->y + (long)i * d, d);
        for (int j = 0; j < n; j++)
            row[1 + j] = f * vec_dot(r->x[i], r->y + (long)(n + j) * d, d);
        loss[i] = (real)row_loss(row, r->id, i, n, r->weight / n);
        add(r->dy + (long)i * d, r->x[i], f * row[0], d);
    }
#pragma omp parallel for schedule(static)
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++)
            add(r->dy + (long)(n + j) * d, r->x[i], f * s[(long)i * (n + 1) + 1 + j], d);
    for (int i = 0; i < n; i++)
        sum += (double)loss[i];
    return sum * r->weight / n;
}

const struct rec rec_choice = {
    .what = "-log softmax of x . dec(e) of the item among the batch's negatives",
    .work = work_of, .whole = whole,
};
