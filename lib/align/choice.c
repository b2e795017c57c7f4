#include "align/choice.h"

#include "nn/vecmath.h"

#include <tgmath.h>

long choice_room(int n)
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

double choice_loss(real *dy, const real *y, const real *const *x, const int32_t *id, int n,
                   int d, double factor, double weight, real *room)
{
    real *s = room, *loss = room + (long)n * (n + 1), f = (real)factor;
    double sum = 0;

#pragma omp parallel for schedule(static)
    for (int i = 0; i < n; i++) {
        real *row = s + (long)i * (n + 1);

        row[0] = f * vec_dot(x[i], y + (long)i * d, d);
        for (int j = 0; j < n; j++)
            row[1 + j] = f * vec_dot(x[i], y + (long)(n + j) * d, d);
        loss[i] = (real)row_loss(row, id, i, n, weight / n);
        add(dy + (long)i * d, x[i], f * row[0], d);
    }
#pragma omp parallel for schedule(static)
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++)
            add(dy + (long)(n + j) * d, x[i], f * s[(long)i * (n + 1) + 1 + j], d);
    for (int i = 0; i < n; i++)
        sum += (double)loss[i];
    return sum * weight / n;
}
