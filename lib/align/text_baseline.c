#include "align/text_baseline.h"

#include "util/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 128 }; /* of a block */

/* unit (items, D): rows of length 1, zeros as they are. */
static real *unit_texts(const struct text_baseline *b)
{
    real *unit = mem_new((size_t)b->items * (size_t)b->D, sizeof *unit);

#pragma omp parallel for schedule(static)
    for (long i = 0; i < b->items; i++) {
        const real *q = b->Q + i * b->D;
        double sum = 0;

        for (int j = 0; j < b->D; j++)
            sum += (double)q[j] * (double)q[j];
        for (int j = 0; j < b->D; j++)
            unit[i * b->D + j] = sum > 0 ? (real)((double)q[j] / sqrt(sum)) : 0;
    }
    return unit;
}

/* Is a with likeness x nearer than b with y? */
static bool is_nearer(real x, int32_t a, real y, int32_t b)
{
    return x > y || (x == y && a < b);
}

/* near (k), n of them in use, the nearest first: takes item j in. */
static int insert(int32_t *near, int n, int k, const real *likeness, int32_t j)
{
    int at = n < k ? n : k - 1;

    if (n == k && !is_nearer(likeness[j], j, likeness[near[at]], near[at]))
        return n;
    for (; at > 0 && is_nearer(likeness[j], j, likeness[near[at - 1]], near[at - 1]);
         at--)
        near[at] = near[at - 1];
    near[at] = j;
    return n < k ? n + 1 : k;
}

/* out (d): the mean of E over the k nearest of item i by likeness (items). */
static void mean_of_nearest(real *out, const struct text_baseline *b, long i, int k,
                            const real *likeness, int32_t *near)
{
    int n = 0;

    for (long j = 0; j < b->items; j++)
        if (j != i && b->count[j] > 0)
            n = insert(near, n, k, likeness, (int32_t)j);
    for (int c = 0; c < b->d; c++) {
        double sum = 0;

        for (int m = 0; m < n; m++)
            sum += (double)b->E[(long)near[m] * b->d + c];
        out[c] = (real)(n ? sum / n : 0);
    }
}

void text_baseline_nearest(real *out, const struct text_baseline *b, int k)
{
    real *unit = unit_texts(b);

#pragma omp parallel for schedule(dynamic)
    for (long at = 0; at < b->items; at += ROWS) {
        int rows = (int)(b->items - at < ROWS ? b->items - at : ROWS);
        real *likeness = mem_new((size_t)rows * (size_t)b->items, sizeof *likeness);
        int32_t *near = mem_new((size_t)k, sizeof *near);

        real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, (int)b->items, b->D, 1,
                  unit + at * b->D, b->D, unit, b->D, 0, likeness, (int)b->items);
        for (int r = 0; r < rows; r++)
            mean_of_nearest(out + (at + r) * b->d, b, at + r, k, likeness + r * b->items,
                            near);
        free(likeness);
        free(near);
    }
    free(unit);
}

/* A (n, n) += sum_j w_j a_j a_j', R (n, d) += sum_j w_j a_j E_j', where a_j = (t_j, 1)
 * and n = D + 1.  Rows of A and R are shared out among threads. */
static void normal_equations(double *A, double *R, const struct text_baseline *b,
                             const real *unit)
{
    int n = b->D + 1;

#pragma omp parallel for schedule(dynamic, 8)
    for (int p = 0; p < n; p++)
        for (long j = 0; j < b->items; j++) {
            const real *t = unit + j * b->D;
            double w = b->count[j] > 0 ? sqrt((double)b->count[j]) : 0;
            double a = w * (p < b->D ? (double)t[p] : 1);

            if (w == 0)
                continue;
            for (int q = 0; q <= p; q++)
                A[(long)p * n + q] += a * (q < b->D ? (double)t[q] : 1);
            for (int c = 0; c < b->d; c++)
                R[(long)p * b->d + c] += a * (double)b->E[j * b->d + c];
        }
}

/* A (n, n), its lower half, becomes its Cholesky factor L, A = L L'. */
static void factor(double *A, int n)
{
    for (int p = 0; p < n; p++)
        for (int q = 0; q <= p; q++) {
            double sum = A[(long)p * n + q];

            for (int m = 0; m < q; m++)
                sum -= A[(long)p * n + m] * A[(long)q * n + m];
            A[(long)p * n + q] = p == q ? sqrt(sum) : sum / A[(long)q * n + q];
        }
}

/* R (n, d) becomes the solution B of L L' B = R. */
static void solve(double *R, const double *L, int n, int d)
{
    for (int p = 0; p < n; p++)
        for (int c = 0; c < d; c++) {
            double sum = R[(long)p * d + c];

            for (int m = 0; m < p; m++)
                sum -= L[(long)p * n + m] * R[(long)m * d + c];
            R[(long)p * d + c] = sum / L[(long)p * n + p];
        }
    for (int p = n - 1; p >= 0; p--)
        for (int c = 0; c < d; c++) {
            double sum = R[(long)p * d + c];

            for (int m = p + 1; m < n; m++)
                sum -= L[(long)m * n + p] * R[(long)m * d + c];
            R[(long)p * d + c] = sum / L[(long)p * n + p];
        }
}

void text_baseline_ridge(real *out, const struct text_baseline *b, double lambda)
{
    int n = b->D + 1;
    real *unit = unit_texts(b);
    double *A = mem_new((size_t)n * (size_t)n, sizeof *A);
    double *R = mem_new((size_t)n * (size_t)b->d, sizeof *R);

    normal_equations(A, R, b, unit);
    for (int p = 0; p < n; p++)
        A[(long)p * n + p] += lambda;
    factor(A, n);
    solve(R, A, n, b->d);
#pragma omp parallel for schedule(static)
    for (long i = 0; i < b->items; i++)
        for (int c = 0; c < b->d; c++) {
            double sum = R[(long)b->D * b->d + c];

            for (int p = 0; p < b->D; p++)
                sum += (double)unit[i * b->D + p] * R[(long)p * b->d + c];
            out[i * b->d + c] = (real)sum;
        }
    free(unit);
    free(A);
    free(R);
}
