/* Products with weights that never change: the one seam behind which a frozen
 * model's products may run in another precision, or from weights that stay in their
 * file's 4 to 16 bits.  Calls are single-threaded, so that callers parallelise over
 * sequences, except those with stored weights outside of a parallel region (see
 * frozen/frozen_blocks.h).  The matrix is shared read-only. */
#ifndef FROZEN_FROZEN_H
#define FROZEN_FROZEN_H

#include "frozen/bf16.h"
#include "frozen/frozen_blocks.h"
#include "nn/real.h"

#include <stdbool.h>

enum frozen_precision {
    FROZEN_REAL, /* as given, products by BLAS */
    FROZEN_BF16, /* weights and inputs rounded to bfloat16, sums in float */
    FROZEN_STORED,      /* weights as they are stored, products as FROZEN_REAL */
    FROZEN_STORED_BF16, /* the same, products as FROZEN_BF16 */
};

/* The names of the first two, as --precision has them; closed by NULL. */
extern const char *const frozen_precision_names[];

/* Where the weights are: expanded to what products use, or stored in their file. */
enum frozen_weights { FROZEN_EXPANDED, FROZEN_IN_FILE };

static inline enum frozen_precision frozen_precision_of(int precision,
                                                        enum frozen_weights weights)
{
    return (enum frozen_precision)(precision + (weights == FROZEN_IN_FILE ? 2 : 0));
}

static inline bool frozen_is_stored(enum frozen_precision p)
{
    return p >= FROZEN_STORED;
}

static inline bool frozen_is_bf16(enum frozen_precision p)
{
    return p == FROZEN_BF16 || p == FROZEN_STORED_BF16;
}

struct frozen {
    int out, in;
    enum frozen_precision precision;
    real *w;                              /* real: (out, in) row by row */
    bool borrowed;                        /* w belongs to someone else */
    struct bf16_matrix forward;  /* bf16: (in, out) */
    struct bf16_matrix backward; /* bf16: (out, in), made by frozen_add_backward */
    struct frozen_blocks stored;
};

/* Returns whether products run in this precision here.  FROZEN_REAL always does. */
bool frozen_available(enum frozen_precision precision);

/* Returns the precision itself, or on a processor without bfloat16 products the same in
 * real.  Weights that are to stay in their file stay there. */
enum frozen_precision frozen_possible(enum frozen_precision precision);

/* Says on stderr where that is not the precision itself. */
void frozen_say(enum frozen_precision precision);

/* Writes row `index` of the matrix; called from several threads at once. */
typedef void frozen_row_function(real *row, int index, void *data);

/* Makes W (out, in) from its rows, which threads read in parallel and expand, also where
 * the precision is a stored one.  W is FROZEN_BF16 where that is asked for and available,
 * else FROZEN_REAL.  Release W with frozen_free. */
void frozen_make(struct frozen *W, enum frozen_precision precision, int out, int in,
                 frozen_row_function *row, void *data);

/* Makes W as frozen_make from rows (out, in), which become W's own: they are freed with W
 * or, where W is FROZEN_BF16, here. */
void frozen_take(struct frozen *W, enum frozen_precision precision, real *rows, int out,
                 int in);

/* Makes W over rows (out, in) that the caller keeps, in precision FROZEN_REAL. */
void frozen_borrow(struct frozen *W, const real *rows, int out, int in);

/* Makes W over blocks that the caller keeps, in one of the stored precisions, which is
 * available. */
void frozen_store(struct frozen *W, enum frozen_precision precision,
                  const struct frozen_blocks *stored);

/* Readies W for frozen_backward, in memory of its own where W is FROZEN_BF16.  A second
 * call changes nothing. */
void frozen_add_backward(struct frozen *W);

void frozen_free(struct frozen *W);

/* Writes row `index` of W into row (in) as the products see it; of stored weights before
 * any rounding to bfloat16. */
void frozen_row(const struct frozen *W, int index, real *row);

/* Computes y (n, out) = x (n, in) W^T, or y += where add is set. */
void frozen_forward(real *y, const real *x, const struct frozen *W, int n, bool add);

/* Computes dx (n, in) = dy (n, out) W, or dx += where add is set; after
 * frozen_add_backward. */
void frozen_backward(real *dx, const real *dy, const struct frozen *W, int n, bool add);

#endif
