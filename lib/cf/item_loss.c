#include "cf/item_loss.h"

#include "nn/loss.h"
#include "nn/vecmath.h"

#include <omp.h>
#include <string.h>

enum {
    ROWS_AT_ONCE = 64,        /* of logits, one product */
    ITEMS_AT_ONCE = 128,      /* of dE, one product */
    SLAB_NUMBERS = 1 << 22,   /* of logits held at a time */
    SLAB_ROWS_MOST = 1024,
};

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* Depends on items alone, so that the sums do not change with the machine. */
static int slab_rows(int items)
{
    int rows = SLAB_NUMBERS / items / ROWS_AT_ONCE * ROWS_AT_ONCE;

    return rows < ROWS_AT_ONCE ? ROWS_AT_ONCE : smaller(rows, SLAB_ROWS_MOST);
}

long item_loss_softmax_slab(int items)
{
    return (long)slab_rows(items) * items;
}

/* Logits of n rows, their loss, their gradient in place, dF. */
static double softmax_rows(real *dF, real *logits, const real *F, const int32_t *target,
                           int n, const real *E, int items, int d, double scale)
{
    double loss;

    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, items, d, 1, F, d, E, d, 0,
              logits, items);
    loss = softmax_cross_entropy(logits, logits, target, n, items, scale);
    real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, d, items, 1, logits, items, E,
              d, 0, dF, d);
    return loss;
}

double item_loss_softmax(real *dF, real *dE, const real *F, const int32_t *target,
                         int rows, const real *E, int items, int d, double scale,
                         real *slab)
{
    double loss[SLAB_ROWS_MOST / ROWS_AT_ONCE], sum = 0;

    for (int at = 0; at < rows; at += slab_rows(items)) {
        int n = smaller(rows - at, slab_rows(items));

#pragma omp parallel for schedule(dynamic)
        for (int i = 0; i < n; i += ROWS_AT_ONCE)
            loss[i / ROWS_AT_ONCE] = softmax_rows(
                dF + (long)(at + i) * d, slab + (long)i * items, F + (long)(at + i) * d,
                target + at + i, smaller(n - i, ROWS_AT_ONCE), E, items, d, scale);
        for (int i = 0; i < n; i += ROWS_AT_ONCE)
            sum += loss[i / ROWS_AT_ONCE];
#pragma omp parallel for schedule(dynamic)
        for (int i = 0; i < items; i += ITEMS_AT_ONCE)
            real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans,
                      smaller(items - i, ITEMS_AT_ONCE), d, n, 1, slab + i, items,
                      F + (long)at * d, d, 1, dE + (long)i * d, d);
    }
    return sum;
}

double item_loss_gbce_weight(int k, int items, double t)
{
    double a = items > 1 ? (double)k / (items - 1) : 1;

    return 1 - t * (1 - (a < 1 ? a : 1));
}

/* One row: its target and k negatives. */
static double sampled_row(real *dF, const real *F, const int32_t *item, int k,
                          const real *E, int d, double b, double scale, real *coefficient)
{
    double loss = 0;

    memset(dF, 0, (size_t)d * sizeof *dF);
    memset(coefficient, 0, ((size_t)k + 1) * sizeof *coefficient);
    if (item[0] < 0)
        return 0;
    for (int j = 0; j <= k; j++) {
        const real *e = E + (long)item[j] * d;
        real logit = vec_dot(F, e, d), c;

        loss += bce_logits_all(&coefficient[j], &logit, j == 0, 1, j ? scale : scale * b);
        c = coefficient[j];
#pragma omp simd
        for (int i = 0; i < d; i++)
            dF[i] += c * e[i];
    }
    return loss;
}

double item_loss_sampled(real *dF, real *dE, const real *F, const int32_t *item, int rows,
                         int k, const real *E, int d, double b, double scale,
                         real *coefficient)
{
    double sum = 0;

    /* `ordered` adds the blocks' losses in their order. */
#pragma omp parallel for schedule(static, 1) ordered
    for (int at = 0; at < rows; at += ROWS_AT_ONCE) {
        double loss = 0;

        for (int i = at; i < smaller(at + ROWS_AT_ONCE, rows); i++) {
            long first = (long)i * (k + 1);

            loss += sampled_row(dF + (long)i * d, F + (long)i * d, item + first, k, E, d,
                                b, scale, coefficient + first);
        }
#pragma omp ordered
        sum += loss;
    }
    if (dE)
        item_loss_scatter(dE, item, coefficient, F, (long)rows * (k + 1), k + 1, d);
    return sum;
}

/* As sampled_row, by the differences of scores. */
static double bpr_row(real *dF, const real *F, const int32_t *item, int k, const real *E,
                      int d, double scale, real *coefficient)
{
    const real *target = E + (long)item[0] * d;
    real above = vec_dot(F, target, d);
    double loss = 0;

    memset(dF, 0, (size_t)d * sizeof *dF);
    memset(coefficient, 0, ((size_t)k + 1) * sizeof *coefficient);
    for (int j = 1; j <= k; j++) {
        const real *e = E + (long)item[j] * d;
        real logit = above - vec_dot(F, e, d), c = 0;

        loss += bce_logits_all(&c, &logit, 1, 1, scale);
        coefficient[0] += c;
        coefficient[j] = -c;
#pragma omp simd
        for (int i = 0; i < d; i++)
            dF[i] += c * (target[i] - e[i]);
    }
    return loss;
}

double item_loss_bpr(real *dF, const real *F, const int32_t *item, int rows, int k,
                     const real *E, int d, double scale, real *coefficient)
{
    double sum = 0;

    for (long i = 0; i < rows; i++)
        sum += bpr_row(dF + i * d, F + i * d, item + i * (k + 1), k, E, d, scale,
                       coefficient + i * (k + 1));
    return sum;
}

/* A thread owns the items that leave its remainder, and adds in order. */
void item_loss_scatter_share(real *dE, const int32_t *item, const real *coefficient,
                             const real *rows, long n, int each, int d)
{
    int threads = omp_get_num_threads(), me = omp_get_thread_num();

    for (long i = 0; i < n; i++) {
        const real *row = rows + i / each * d;
        real c = coefficient ? coefficient[i] : 1, *to;

        if (item[i] < 0 || item[i] % threads != me)
            continue;
        to = dE + (long)item[i] * d;
#pragma omp simd
        for (int j = 0; j < d; j++)
            to[j] += c * row[j];
    }
}

void item_loss_scatter(real *dE, const int32_t *item, const real *coefficient,
                       const real *rows, long n, int each, int d)
{
#pragma omp parallel
    item_loss_scatter_share(dE, item, coefficient, rows, n, each, d);
}
