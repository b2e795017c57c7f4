#include "nn/gru.h"

#include "nn/linear.h"
#include "nn/vecmath.h"

#include <string.h>

/* One row: gates (3 H) hold x's share and become r, z, n; own (3 H) is h's share. */
static void cell(real *h, real *gates, real *inner, const real *own, const real *before,
                 int H)
{
    real *r = gates, *z = gates + H, *n = gates + 2L * H;

#pragma omp simd
    for (int j = 0; j < H; j++) {
        r[j] = real_sigmoid(r[j] + own[j]);
        z[j] = real_sigmoid(z[j] + own[H + j]);
        inner[j] = own[2L * H + j];
        n[j] = real_tanh(n[j] + r[j] * inner[j]);
        h[j] = n[j] + z[j] * ((before ? before[j] : 0) - n[j]);
    }
}

void gru_forward(const struct gru *g, const struct gru_times *times, real *h, real *gates,
                 real *inner, const real *x, real *scratch)
{
    int H = g->hidden, rows = times->at[times->steps];
    const real *before = NULL;

    linear_forward(gates, x, g->Wi, g->bi, rows, g->in, 3 * H);
    for (int t = 0; t < times->steps; t++) {
        int first = times->at[t], n = times->at[t + 1] - first;

        if (before)
            linear_forward(scratch, before, g->Wh, g->bh, n, H, 3 * H);
        for (long i = 0; i < n; i++)
            cell(h + (first + i) * H, gates + (first + i) * 3 * H,
                 inner + (first + i) * H, before ? scratch + i * 3 * H : g->bh,
                 before ? before + i * H : NULL, H);
        before = h + (long)first * H;
    }
}

/* One row backward: gates become the gradients of x's share (3 H), own (3 H) those of
 * h's share, and carried what goes to h directly. */
static void cell_backward(real *gates, real *own, real *carried, const real *dh,
                          const real *inner, const real *before, int H)
{
    real *r = gates, *z = gates + H, *n = gates + 2L * H;

#pragma omp simd
    for (int j = 0; j < H; j++) {
        real past = before ? before[j] : 0;
        real dn = dh[j] * (1 - z[j]) * (1 - n[j] * n[j]);
        real dz = dh[j] * (past - n[j]) * z[j] * (1 - z[j]);
        real dr = dn * inner[j] * r[j] * (1 - r[j]);

        carried[j] = dh[j] * z[j];
        own[2L * H + j] = dn * r[j];
        r[j] = own[j] = dr;
        z[j] = own[H + j] = dz;
        n[j] = dn;
    }
}

/* The rows before each row, zeros at time 0: before (R, H). */
static void gather_before(const struct gru_times *times, real *before, const real *h,
                          int H)
{
    memset(before, 0, (size_t)times->at[1] * (size_t)H * sizeof *before);
    for (int t = 1; t < times->steps; t++)
        memcpy(before + (long)times->at[t] * H, h + (long)times->at[t - 1] * H,
               (size_t)(times->at[t + 1] - times->at[t]) * (size_t)H * sizeof *before);
}

void gru_backward(const struct gru *g, const struct gru_times *times,
                  const struct gru_gradient *d, real *dx, real *dh, const real *x,
                  const real *h, real *gates, real *inner, real *scratch)
{
    int H = g->hidden, rows = times->at[times->steps];
    real *own = scratch, *carried = scratch + 3L * rows * H, *before = inner;

    for (int t = times->steps - 1; t >= 0; t--) {
        int first = times->at[t], n = times->at[t + 1] - first;
        long past = t > 0 ? (long)times->at[t - 1] * H : 0;

        for (long i = 0; i < n; i++)
            cell_backward(gates + (first + i) * 3 * H, own + (first + i) * 3 * H,
                          carried + i * H, dh + (first + i) * H, inner + (first + i) * H,
                          t > 0 ? h + past + i * H : NULL, H);
        if (t == 0)
            break;
        for (long i = 0; i < (long)n * H; i++)
            dh[past + i] += carried[i];
        linear_backward(dh + past, NULL, NULL, own + (long)first * 3 * H, NULL, g->Wh, n,
                        H, 3 * H);
    }
    gather_before(times, before, h, H);
    linear_backward(NULL, d->Wh, d->bh, own, before, NULL, rows, H, 3 * H);
    linear_backward(NULL, d->Wi, d->bi, gates, x, NULL, rows, g->in, 3 * H);
    linear_input_gradient(dx, gates, g->Wi, rows, g->in, 3 * H);
}
