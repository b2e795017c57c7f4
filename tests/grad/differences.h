/* Gradients against differences of the loss, number by number. */
#ifndef GRAD_DIFFERENCES_H
#define GRAD_DIFFERENCES_H

#include "nn/params.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Compares got (n) with (loss(x + h) - loss(x - h)) / 2h in each of x (n), which keeps
 * its values; tol as |got - want| <= tol (1 + |want|). */
static inline void check_differences(double (*loss)(void), real *x, const real *got,
                                     long n, double h, double tol, const char *name)
{
    for (long i = 0; i < n; i++) {
        real kept = x[i];
        double up, down, want;

        x[i] = kept + h;
        up = loss();
        x[i] = kept - h;
        down = loss();
        x[i] = kept;
        want = (up - down) / (2 * h);
        if (!(fabs(got[i] - want) <= tol * (1 + fabs(want))))
            fail_msg("%s[%ld]: %.12g, differences give %.12g", name, i, got[i], want);
    }
}

#endif
