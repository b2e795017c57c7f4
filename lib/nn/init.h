/* Initial weights, drawn from a generator keyed by the tensor. */
#ifndef NN_INIT_H
#define NN_INIT_H

#include "nn/real.h"
#include "util/rng.h"

/* Normal with variance 2 / (rows + cols): torch's xavier_normal_.  W (rows, cols) */
void init_xavier_normal(real *W, int rows, int cols, rng *r);

/* U(+-1/sqrt(fan_in)), n numbers: torch's Linear and Conv1d, weight and bias. */
void init_linear(real *w, long n, int fan_in, rng *r);

/* n times the same number. */
void init_constant(real *w, long n, real value);

#endif
