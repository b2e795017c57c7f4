/* y = x W' + b, rows of x.  One single-threaded product: callers run it over
 * fixed blocks of rows, in parallel over blocks. */
#ifndef NN_LINEAR_H
#define NN_LINEAR_H

#include "nn/real.h"

/* x (n, in)   W (out, in)   b (out) or NULL   y (n, out) */
void linear_forward(real *y, const real *x, const real *W, const real *b, int n, int in,
                    int out);

/* Computes y = base + x W' + b, with base (n, out), which may be y. */
void linear_onto(real *y, const real *base, const real *x, const real *W, const real *b,
                 int n, int in, int out);

/* dx = dy W: fills dx (n, in). */
void linear_input_gradient(real *dx, const real *dy, const real *W, int n, int in,
                           int out);

/* dW = dy' x, db = sum of dy's rows: fills dW (out, in), db (out). */
void linear_weight_gradient(real *dW, real *db, const real *dy, const real *x, int n,
                            int in, int out);

/* Adds to dx (n, in), dW (out, in), db (out); each may be NULL.   dy (n, out) */
void linear_backward(real *dx, real *dW, real *db, const real *dy, const real *x,
                     const real *W, int n, int in, int out);

#endif
