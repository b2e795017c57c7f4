/* Dilated causal convolution of a sequence's rows: torch's Conv1d on a sequence padded
 * on the left with (taps - 1) dilation zeros,
 *
 *     y[t] = b + sum over taps j of W[:, :, j] x[t - (taps - 1 - j) dilation]
 *
 * as one product for many sequences: their columns side by side (dilated_conv_columns),
 * then linear_forward with the packed weights. */
#ifndef NN_DILATED_CONV_H
#define NN_DILATED_CONV_H

#include "nn/real.h"

/* columns (n, taps d): what each row of one sequence x (n, d) sees, taps in order. */
void dilated_conv_columns(real *columns, const real *x, int n, int d, int taps,
                          int dilation);

/* Adds to dx (n, d) from dcolumns. */
void dilated_conv_columns_backward(real *dx, const real *dcolumns, int n, int d, int taps,
                                   int dilation);

/* packed (out, taps in) from W (out, in, taps); and its gradient added to dW. */
void dilated_conv_pack(real *packed, const real *W, int out, int in, int taps);
void dilated_conv_pack_backward(real *dW, const real *dpacked, int out, int in, int taps);

#endif
