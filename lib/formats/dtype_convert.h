/* Arrays of types that streams do not have, as arrays of types that they have. */
#ifndef FORMATS_DTYPE_CONVERT_H
#define FORMATS_DTYPE_CONVERT_H

#include "stream/tensor.h"
#include "util/error.h"

/* An array in somebody else's memory, at any alignment, row-major. */
struct foreign {
    char kind;    /* numpy's letter: f, i, u, b, or B for bfloat16 */
    int size;     /* bytes of one element */
    int dims;     /* 0: a single number */
    int64_t shape[TENSOR_DIMS];
    const void *data; /* of product of shape times size bytes */
};

/* float64 and bfloat16 become <f4, smaller integers the next that holds them,
 * truth values |u1; with all_f4 also float16 becomes <f4.  A single number has
 * shape [1].  A finite float64 that would become infinite fails.  *owned: t->data is new,
 * to be freed; otherwise it is from->data.  0, or -1 and the reason. */
int dtype_convert_take(struct tensor *t, bool *owned, const struct foreign *from,
                       bool all_f4, struct error *e);

/* Is x as finite as a 32-bit float as it is itself? */
bool dtype_convert_fits(double x);

/* Is anything lost? */
bool dtype_convert_narrows(const struct foreign *from);

#endif
