/* Losses: each returns scale times the sum over its elements or rows, and adds
 * the gradient of that to dx where dx is not NULL.  scale = 1/n makes a mean. */
#ifndef NN_LOSS_H
#define NN_LOSS_H

#include "nn/real.h"

/* -log s(x) target - log(1 - s(x)) (1 - target), s the logistic function, by
 * logits x (n), without overflow.  target (n) in [0, 1]. */
double bce_logits(real *dx, const real *x, const real *target, long n, double scale);

/* The same with one target for all n. */
double bce_logits_all(real *dx, const real *x, real target, long n, double scale);

/* -log softmax(x)[target] of each row.  x, dx (n, classes)   target (n); a
 * negative target skips its row.  dx may be x: it is then replaced, not added to. */
double softmax_cross_entropy(real *dx, real *x, const int *target, int n, int classes,
                             double scale);

/* (x - y)^2, elementwise (n); the gradients of both, each may be NULL. */
double squared_error(real *dx, real *dy, const real *x, const real *y, long n,
                     double scale);

#endif
