/* The gated recurrent unit (Cho et al. 2014) as torch.nn.GRU computes it, rows of the
 * weights in the order r, z, n:
 *
 *     r = s(Wi_r x + bi_r + Wh_r h + bh_r)
 *     z = s(Wi_z x + bi_z + Wh_z h + bh_z)
 *     n = tanh(Wi_n x + bi_n + r (Wh_n h + bh_n))
 *     h' = (1 - z) n + z h,  h = 0 at first
 *
 * Sequences are packed by time, as torch's PackedSequence: the rows of all sequences'
 * first elements, then of their second ones, and so on, longest sequence first, so that
 * row i of a time follows row i of the time before and a time is one product. */
#ifndef NN_GRU_H
#define NN_GRU_H

#include "nn/real.h"

struct gru {
    int in, hidden;       /* I, H */
    const real *Wi, *Wh;  /* (3 H, I), (3 H, H) */
    const real *bi, *bh;  /* (3 H) */
};

/* Times 0 .. steps - 1: rows at[t] .. at[t + 1] - 1, never more than the time before;
 * at[0] is 0. */
struct gru_times {
    const int *at; /* (steps + 1) */
    int steps;
};

/* Computes h (R, H) from x (R, I).  Keeps r, z, n in gates (R, 3 H) and Wh_n h + bh_n in
 * inner (R, H) for backward.  scratch (rows of time 0, 3 H) is room. */
void gru_forward(const struct gru *g, const struct gru_times *times, real *h, real *gates,
                 real *inner, const real *x, real *scratch);

/* Where the weights' gradients are added, shapes as in struct gru. */
struct gru_gradient {
    real *Wi, *Wh, *bi, *bh;
};

/* Fills dx (R, I) and adds to the weights' gradients, given dh (R, H) and what forward
 * kept.  Changes dh, gates and inner.  scratch (R, 4 H) is room. */
void gru_backward(const struct gru *g, const struct gru_times *times,
                  const struct gru_gradient *d, real *dx, real *dh, const real *x,
                  const real *h, real *gates, real *inner, real *scratch);

#endif
