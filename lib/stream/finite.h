/* Which numbers of a stream may be missing, as NaN, and that all others are finite.  One
 * that is not would spread to every score without a word. */
#ifndef STREAM_FINITE_H
#define STREAM_FINITE_H

#include "stream/tensor.h"
#include "util/error.h"

enum lacking {
    LACKS_ANY,     /* not looked at: what no filter of ours makes */
    LACKS_NOTHING, /* all numbers are finite */
    LACKS_ROWS,    /* a row is finite, or all of it NaN: there is none */
    LACKS_NUMBERS, /* a number is finite or NaN */
};

/* Returns what a tensor of that name may lack. */
enum lacking finite_lacking(const char *name);

/* Checks that the numbers of an f4 tensor of that name are as they may be.  Returns 0, or
 * -1 and the reason in e, which names the row.  Tensors of other types pass. */
int finite_check(const char *name, const struct tensor *t, struct error *e);

/* Checks that all numbers of x (rows, width) are finite, for a reader that can do with no
 * gaps at all.  Returns as finite_check. */
int finite_check_all(const char *name, const float *x, int64_t rows, int64_t width,
                     struct error *e);

#endif
