#include "score/logit.h"

#include "util/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 256 /* users summed one after the other */
#define ROUNDS 100
#define FLAT 1e-10 /* of the gradient, a user and weight */
#define HALVINGS 40

static double dot(const double *a, const double *b, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* p (columns): each candidate's probability; returns -log of the truth's. */
static double probabilities(double *p, const struct logit *l, int64_t u,
                            const double *weight)
{
    const double *z = l->z + u * l->columns * l->width;
    const int32_t *item = l->item + u * l->columns;
    double most = -INFINITY, sum = 0, truth = 0;

    for (int j = 0; j < l->columns; j++) {
        p[j] = item[j] < 0 ? -INFINITY : dot(weight, z + j * l->width, l->width);
        most = fmax(most, p[j]);
    }
    truth = p[l->truth[u]] - most;
    for (int j = 0; j < l->columns; j++)
        sum += p[j] = exp(p[j] - most);
    for (int j = 0; j < l->columns; j++)
        p[j] /= sum;
    return log(sum) - truth;
}

/* The gradient of a user is mean - z of the truth, the Hessian the covariance, where
 * mean and covariance of z are under p.  total: gradient, then Hessian; mean (width) is
 * room. */
static void add_derivatives(double *total, const struct logit *l, int64_t u,
                            const double *p, double *mean)
{
    const double *z = l->z + u * l->columns * l->width;
    double *hessian = total + l->width;
    int n = l->width;

    memset(mean, 0, (size_t)n * sizeof *mean);
    for (int j = 0; j < l->columns; j++)
        for (int a = 0; a < n; a++)
            mean[a] += p[j] * z[j * n + a];
    for (int a = 0; a < n; a++)
        total[a] += mean[a] - z[l->truth[u] * n + a];
    for (int j = 0; j < l->columns; j++)
        for (int a = 0; a < n; a++)
            for (int b = 0; b < n; b++)
                hessian[a * n + b] +=
                    p[j] * (z[j * n + a] - mean[a]) * (z[j * n + b] - mean[b]);
}

/* One block's sums: gradient, Hessian and at last the loss. */
static void sum_block(double *total, const struct logit *l, const double *weight,
                      int64_t first, bool derivatives)
{
    double *p = mem_new((size_t)l->columns, sizeof *p);
    double *mean = mem_new((size_t)l->width, sizeof *mean);
    double *loss = total + l->width * (l->width + 1);

    for (int64_t u = first; u < first + BLOCK && u < l->users; u++) {
        *loss += probabilities(p, l, u, weight);
        if (derivatives)
            add_derivatives(total, l, u, p, mean);
    }
    free(p);
    free(mean);
}

double logit_loss(const struct logit *l, const double *weight, double *gradient,
                  double *hessian)
{
    int n = l->width, cells = n * (n + 1) + 1;
    int64_t blocks = (l->users + BLOCK - 1) / BLOCK;
    double *all = mem_new((size_t)(blocks + 1) * (size_t)cells, sizeof *all), *sum = all;
    double loss;

#pragma omp parallel for schedule(dynamic)
    for (int64_t b = 0; b < blocks; b++)
        sum_block(all + (b + 1) * cells, l, weight, b * BLOCK, gradient && hessian);
    for (int64_t b = 1; b <= blocks; b++)
        for (int i = 0; i < cells; i++)
            sum[i] += all[b * cells + i];
    for (int a = 0; a < n && gradient && hessian; a++) {
        gradient[a] = sum[a] + l->l2 * weight[a];
        for (int b = 0; b < n; b++)
            hessian[a * n + b] = sum[n + a * n + b] + (a == b ? l->l2 : 0);
    }
    loss = sum[cells - 1] + l->l2 / 2 * dot(weight, weight, n);
    free(all);
    return loss;
}

/* x (n) = A^-1 b by Cholesky's factors, for a positive definite A (n, n), which is
 * overwritten. */
static void solve(double *x, double *A, const double *b, int n)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++) {
            double sum = A[i * n + j] - dot(A + i * n, A + j * n, j);

            A[i * n + j] = i == j ? sqrt(sum) : sum / A[j * n + j];
        }
    for (int i = 0; i < n; i++)
        x[i] = (b[i] - dot(A + i * n, x, i)) / A[i * n + i];
    for (int i = n - 1; i >= 0; i--) {
        for (int j = i + 1; j < n; j++)
            x[i] -= A[j * n + i] * x[j];
        x[i] /= A[i * n + i];
    }
}

static double largest(const double *x, int n)
{
    double most = 0;

    for (int i = 0; i < n; i++)
        most = fmax(most, fabs(x[i]));
    return most;
}

/* Goes from weight against step, halved until the loss falls; false where it does not. */
static bool descend(const struct logit *l, double *weight, double *loss,
                    const double *step, double *trial)
{
    double scale = 1, found;

    for (int i = 0; i < HALVINGS; i++, scale /= 2) {
        for (int a = 0; a < l->width; a++)
            trial[a] = weight[a] - scale * step[a];
        found = logit_loss(l, trial, NULL, NULL);
        if (found < *loss) {
            memcpy(weight, trial, (size_t)l->width * sizeof *trial);
            *loss = found;
            return true;
        }
    }
    return false;
}

void logit_fit(const struct logit *l, double *weight)
{
    size_t n = (size_t)l->width;
    double *gradient = mem_new(3 * n, sizeof *gradient), *step = gradient + n;
    double *hessian = mem_new(n * n, sizeof *hessian);

    memset(weight, 0, n * sizeof *weight);
    for (int i = 0; i < ROUNDS; i++) {
        double loss = logit_loss(l, weight, gradient, hessian);

        if (largest(gradient, l->width) <= FLAT * (double)l->users)
            break;
        solve(step, hessian, gradient, l->width);
        if (!descend(l, weight, &loss, step, step + n))
            break; /* as near as rounding lets it come */
    }
    free(gradient);
    free(hessian);
}
