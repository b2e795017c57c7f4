/* Causal attention of one head over one left-padded window whose padded keys
 * are all alike.  Row 0 stands for all of them: `pads` keys with k[0] and v[0].
 * Their softmax terms are pads exp(q k[0]), so the padding costs one row however
 * long it is, and the result is that of the whole window. */
#ifndef NN_ATTENTION_H
#define NN_ATTENTION_H

#include "nn/real.h"
#include "util/rng.h"

/* One head's share of wider rows: q, out with stride ldq; k, v with stride ldkv. */
struct attention {
    int n, width; /* rows with row 0; numbers a row in this head */
    int ldq, ldkv;
    int pads; /* 0: row 0 is no key either */
};

/* Computes out (n, width) of q, k and v (n, width), and keeps prob and used (n, n) for
 * backward.  mask (n, n) is what attention_mask makes, or NULL.  Row 0 of out is 0. */
void attention_forward(const struct attention *a, real *out, real *prob, real *used,
                       const real *q, const real *k, const real *v, const real *mask);

/* Fills dq (n, width; stride ldq), dk and dv (stride ldkv), given dout.  scratch (n, n)
 * is room. */
void attention_backward(const struct attention *a, real *dq, real *dk, real *dv,
                        const real *dout, const real *q, const real *k, const real *v,
                        const real *prob, const real *used, const real *mask,
                        real *scratch);

/* Draws the dropout of each probability, p, into the lower triangle of mask (n, n).
 * Column 0 is the mean of the draws for the `pads` keys. */
void attention_mask(real *mask, int n, int pads, double p, rng *r);

#endif
