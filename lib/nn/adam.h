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

/* Its option, for a trainer's table. */
#define ADAM_OPTION(rate)                                                              \
    { OPT_REAL, 0, "lr", &(rate), "learning rate of Adam", .low = 0, .high = 10 }

/* Makes zeroed moments for p, with decoupled off, decay 0 and decay_vectors on.  Release
 * a with adam_free. */
void adam_new(struct adam *a, const struct params *p, double lr, double beta1,
              double beta2, double eps);
void adam_free(struct adam *a);

/* Takes one step of p's values along grad, an arena like p's.  Runs in parallel over
 * tensors' numbers, each by itself: the result is the same at any number of threads. */
void adam_step(struct adam *a, struct params *p, const real *grad);

/* Take one step in parts, for callers that are in a parallel region already.  adam_begin
 * comes once.  Then either every thread of the team calls adam_share, in which each
 * thread takes the same share of every tensor at every step, without a barrier at the
 * end; or whichever thread has the gradient of tensor i of p's list at hand calls
 * adam_tensor. */
void adam_begin(struct adam *a);
void adam_share(const struct adam *a, struct params *p, const real *grad);
void adam_tensor(const struct adam *a, struct params *p, const real *grad, int i);

/* adam_share of the first `tensors` tensors alone, whose numbers are all that grad
 * holds. */
void adam_share_first(const struct adam *a, struct params *p, const real *grad,
                      int tensors);

/* Takes the step of `rows` rows of tensor i from row `first` on.  Moments and values of
 * all other rows stay as they are, as in torch.optim.SparseAdam.  This serves tables of
 * which a step touches few rows. */
void adam_rows(const struct adam *a, struct params *p, const real *grad, int i,
               long first, long rows);

/* Takes the step of rows first + row[j], j from 0 to n - 1, of tensor i likewise.  The
 * rows are distinct.  Row j of grad (n, columns of the tensor) is the gradient of row
 * first + row[j].  A caller that is in a parallel region lets every thread of the team
 * call it; a barrier ends it. */
void adam_scattered(const struct adam *a, struct params *p, const real *grad, int i,
                    long first, const int32_t *row, long n);

#endif
