/* InfoNCE (van den Oord et al. 2018), symmetric as in CLIP: row i of e and row i of q
 * belong together, all other rows are each other's negatives, but for rows of equal id.
 * Weight times the mean over n of the cross-entropies of scale cos(e_i, q_j) with target
 * j = i, over j and over i, averaged. */
#include "align/match.h"

#include <string.h>
#include <tgmath.h>

/* Unit rows are at (n, d) each, cosines, gradients and factors of the logits. */
struct place {
    real *e, *q, *e_norm, *q_norm, *de, *dq, *cosine, *dlogit;
};

static long work_of(int n, int d)
{
    return 4L * n * d + 2L * n * n + 2L * n;
}

static struct place lay_out(real *work, int n, int d)
{
    long nd = (long)n * d, nn = (long)n * n;
    struct place p = { .e = work, .q = work + nd, .de = work + 2 * nd,
                       .dq = work + 3 * nd, .cosine = work + 4 * nd };

    p.dlogit = p.cosine + nn;
    p.e_norm = p.dlogit + nn;
    p.q_norm = p.e_norm + n;
    return p;
}

static void unit_rows(real *unit, real *norm, const real *x, int n, int d)
{
    for (int i = 0; i < n; i++) {
        const real *row = x + (long)i * d;
        real sum = 0;

#pragma omp simd reduction(+ : sum)
        for (int j = 0; j < d; j++)
            sum += row[j] * row[j];
        norm[i] = sum > 0 ? sqrt(sum) : 1;
        for (int j = 0; j < d; j++)
            unit[(long)i * d + j] = row[j] / norm[i];
    }
}

/* Adds the gradient of x to dx, given that of the unit rows: its part across them. */
static void unit_rows_backward(real *dx, const real *dunit, const real *unit,
                               const real *norm, int n, int d)
{
    for (int i = 0; i < n; i++) {
        const real *u = unit + (long)i * d, *du = dunit + (long)i * d;
        real along = 0;

#pragma omp simd reduction(+ : along)
        for (int j = 0; j < d; j++)
            along += u[j] * du[j];
        for (int j = 0; j < d; j++)
            dx[(long)i * d + j] += (du[j] - along * u[j]) / norm[i];
    }
}

static bool compared(const int32_t *id, int i, int j)
{
    return j == i || id[j] != id[i];
}

/* -log softmax of line i at i, the line's numbers `step` apart; adds weight times
 * its gradient to dlogit. */
static double line_loss(real *dlogit, const real *cosine, const int32_t *id, int i, int n,
                        int step, real scale, real weight)
{
    real max = cosine[(long)i * step], own = max;
    double sum = 0;

    for (int j = 0; j < n; j++)
        if (compared(id, i, j) && cosine[(long)j * step] > max)
            max = cosine[(long)j * step];
    for (int j = 0; j < n; j++)
        if (compared(id, i, j))
            sum += exp(scale * (cosine[(long)j * step] - max));
    for (int j = 0; j < n; j++)
        if (compared(id, i, j))
            dlogit[(long)j * step] +=
                weight *
                (exp(scale * (cosine[(long)j * step] - max)) / (real)sum - (j == i));
    return log(sum) - (double)(scale * (own - max));
}

static double whole(const struct match_rows *r)
{
    int n = r->n, d = r->d;
    struct place p = lay_out(r->work, n, d);
    real each = (real)(r->weight / (2.0 * n)), s = (real)r->scale;
    double loss = 0;

    unit_rows(p.e, p.e_norm, r->e, n, d);
    unit_rows(p.q, p.q_norm, r->q, n, d);
    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, n, d, 1, p.e, d, p.q, d, 0,
              p.cosine, n);
    memset(p.dlogit, 0, (size_t)n * (size_t)n * sizeof *p.dlogit);
    for (int i = 0; i < n; i++) {
        loss += line_loss(p.dlogit + (long)i * n, p.cosine + (long)i * n, r->id, i, n, 1,
                          s, each);
        loss += line_loss(p.dlogit + i, p.cosine + i, r->id, i, n, n, s, each);
    }
    for (long i = 0; i < (long)n * n; i++)
        *r->dscale += (double)(p.dlogit[i] * p.cosine[i]);
    real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, d, n, s, p.dlogit, n, p.q, d,
              0, p.de, d);
    real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, n, d, n, s, p.dlogit, n, p.e, d, 0,
              p.dq, d);
    unit_rows_backward(r->de, p.de, p.e, p.e_norm, n, d);
    unit_rows_backward(r->dq, p.dq, p.q, p.q_norm, n, d);
    return loss * r->weight / (2.0 * n);
}

const struct match match_infonce = {
    .what = "InfoNCE over the batch, by cosines", .scales_text = true,
    .has_temperature = true, .work = work_of, .whole = whole,
};
