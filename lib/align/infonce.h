/* InfoNCE (van den Oord et al. 2018), symmetric as in CLIP: row i of e and row i
 * of q belong together, all other rows are each other's negatives. */
#ifndef ALIGN_INFONCE_H
#define ALIGN_INFONCE_H

#include "nn/real.h"

#include <stdint.h>

/* Returns how many numbers the work of infonce takes for n rows of width d. */
long infonce_work(int n, int d);

/* Returns weight times the mean over n of the cross-entropies of scale cos(e_i, q_j) with
 * target j = i, over j and over i, averaged.  Rows of equal id are not each other's
 * negatives.  e, q (n, d)   id (n)   work (infonce_work).  Adds the gradients to de and
 * dq (n, d) and to *dscale. */
double infonce(real *de, real *dq, double *dscale, const real *e, const real *q,
               const int32_t *id, int n, int d, double scale, double weight, real *work);

#endif
