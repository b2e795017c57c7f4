/* Initial weights, drawn from a generator keyed by the tensor. */
#ifndef NN_INIT_H
#define NN_INIT_H

#include "nn/real.h"
#include "util/rng.h"

/* Draws W (rows, cols) normal with variance 2 / (rows + cols), as torch's
 * xavier_normal_. */
void init_xavier_normal(real *W, int rows, int cols, rng *r);

/* Draws w (n) from U(+-1/sqrt(fan_in)), as torch's Linear and Conv1d do for weight and
 * bias. */
void init_linear(real *w, long n, int fan_in, rng *r);

/* Sets w (n) to value. */
void init_constant(real *w, long n, real value);

#endif
