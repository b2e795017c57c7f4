/* Conditional logit (McFadden 1974): the probability that candidate j of a user is the
 * true one is the softmax over the user's candidates of weight . z_j. */
#ifndef SCORE_LOGIT_H
#define SCORE_LOGIT_H

#include <stdint.h>

struct logit {
    int64_t users;
    int columns, width;
    const double *z;     /* (users, columns, width) */
    const int32_t *item; /* (users, columns), below 0: no candidate */
    const int *truth;    /* (users): its column */
    double l2;           /* above 0 */
};

/* -log p(truth) summed over users, + l2 / 2 |weight|^2; where they are not NULL also its
 * gradient (width) and Hessian (width, width).  Sums over blocks of users run in one
 * order: the same bits at any number of threads. */
double logit_loss(const struct logit *l, const double *weight, double *gradient,
                  double *hessian);

/* The minimum, by Newton's method with halved steps from 0: the loss is strictly convex,
 * so there is one.  weight (width). */
void logit_fit(const struct logit *l, double *weight);

#endif
