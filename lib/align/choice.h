/* The recommendation loss by choice: the target among the negatives of the whole batch.
 *
 *   -log softmax(s)_0,  s_0 = f x_i . y_i,  s_j = f x_i . y_(n+j), j = 1 .. n
 *
 * A negative that is the target itself is left out. One negative may be what another
 * user has had: it is among as many others, and the evaluation draws them likewise. */
#ifndef ALIGN_CHOICE_H
#define ALIGN_CHOICE_H

#include "nn/real.h"

#include <stdint.h>

/* Returns how many numbers the room of choice_loss takes for n examples. */
long choice_room(int n);

/* Returns weight times the mean loss of n examples, and adds its gradient to dy.
 * y, dy (2 n, d): targets, then negatives   x (n) rows of width d   id (2 n): the items
 * factor: f   room (choice_room(n)).  No bit depends on the number of threads. */
double choice_loss(real *dy, const real *y, const real *const *x, const int32_t *id, int n,
                   int d, double factor, double weight, real *room);

#endif
