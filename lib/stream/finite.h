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

/* What a tensor of that name may lack. */
enum lacking finite_lacking(const char *name);

/* Are the numbers of an f4 tensor of that name as they may be?  0, or -1 and which row is
 * not.  Tensors of other types always are. */
int finite_check(const char *name, const struct tensor *t, struct error *e);

/* Are all numbers of x (rows, width) finite?  Likewise, for those of the tensor who can
 * do with no gaps at all. */
int finite_check_all(const char *name, const float *x, int64_t rows, int64_t width,
                     struct error *e);

#endif
