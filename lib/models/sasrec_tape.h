/* Between sasrec_run.c, sasrec_tape.c and sasrec_represent.c only. */
#ifndef MODELS_SASREC_TAPE_H
#define MODELS_SASREC_TAPE_H

#include "models/sasrec.h"

#define SASREC_EPS ((real)1e-8) /* of every layer norm */

/* Of one block; R rows, W windows, S = heads (T + 1)^2. */
struct sasrec_layer {
    real *x;                      /* (R, d) input, row 0s zero */
    real *query, *mean1, *rstd1;  /* (R, d): LN(x) */
    real *q, *kv;                 /* (R, d), (R, 2 d) */
    real *prob, *used, *mask;     /* (W, S) attention, after dropout, dropout */
    real *context, *y;            /* (R, d) heads' outputs; query + attention */
    real *z, *mean2, *rstd2;      /* (R, d): LN(y) */
    real *active, *mask1, *mask2; /* (R, d): ReLU of conv1's output after dropout;
                                     dropout of conv1's and of conv2's */
};

struct sasrec_inner {
    int room; /* windows */
    double dropout;
    uint64_t seed, step;
    struct sasrec_layer layer[SASREC_MAX_BLOCKS];
    real *mask;              /* (R, d) dropout of the embedding sum */
    real *last, *mean, *rstd; /* (R, d): the last LN's input */
    real *scratch;           /* (W, (T + 1)^2) */
    real *a, *b, *c, *kv;    /* (R, d) x 3, (R, 2 d): gradients on their way */
    real *memory;            /* all of it */
};

/* The first block's x of windows from .. to - 1, after dropout. */
void sasrec_embed(const struct sasrec *m, struct sasrec_tape *t, int from, int to);

/* next (R, d) = the block of its x, for windows from .. to - 1. */
void sasrec_block_forward(const struct sasrec *m, struct sasrec_tape *t, int index,
                          real *next, int from, int to);

#endif
