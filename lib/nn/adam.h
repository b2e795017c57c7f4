/* Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019) as
 * torch.optim computes them: bias corrections, eps outside the square root. */
#ifndef NN_ADAM_H
#define NN_ADAM_H

#include "nn/params.h"
#include "nn/real.h"

#include <stdbool.h>
#include <stdint.h>

struct adam {
    double lr, beta1, beta2, eps;
    double decay;        /* 0: none */
    bool decoupled;      /* AdamW: values shrink by lr decay; else Adam's L2 */
    bool decay_vectors;  /* torch does; false spares biases and norms (ndim 1) */
    int64_t step;        /* steps taken */
    real *m, *v;         /* one arena: v = m + size; free with adam_free */
    long size;
};

/* Moments for p, zeroed; decoupled off, decay 0, decay_vectors on. */
void adam_new(struct adam *a, const struct params *p, double lr, double beta1,
              double beta2, double eps);
void adam_free(struct adam *a);

/* One step of p's values along grad, an arena like p's.  Parallel over tensors'
 * numbers, each by itself: the same at any number of threads. */
void adam_step(struct adam *a, struct params *p, const real *grad);

/* The same in parts, for who is in a parallel region already: adam_begin once, then
 * either adam_share by every thread of the team, each of which takes the same share
 * of every tensor at every step (no barrier at its end), or adam_tensor for each
 * tensor of p's list by whichever thread has its gradient at hand. */
void adam_begin(struct adam *a);
void adam_share(const struct adam *a, struct params *p, const real *grad);
void adam_tensor(const struct adam *a, struct params *p, const real *grad, int i);

/* The same for some rows of tensor i alone, whose moments and values otherwise stay as
 * they are: torch.optim.SparseAdam, for tables of which a step touches few rows. */
void adam_rows(const struct adam *a, struct params *p, const real *grad, int i,
               long first, long rows);

#endif
