/* Inside of sasrec_forward and sasrec_backward only. */
#ifndef MODELS_SASREC_TAPE_H
#define MODELS_SASREC_TAPE_H

#include "models/sasrec.h"

/* Of one block; R rows, W windows, S = heads (T + 1)^2. */
struct sasrec_layer {
    real *x;                      /* (R, d) input, row 0s zero */
    real *query, *mean1, *rstd1;  /* (R, d): LN(x) */
    real *q, *kv;                 /* (R, d), (R, 2 d) */
    real *prob, *used, *mask;     /* (W, S) attention, after dropout, dropout */
    real *context, *y;            /* (R, d) heads' outputs; query + attention */
    real *z, *mean2, *rstd2;      /* (R, d): LN(y) */
    real *hidden, *mask1;         /* (R, d): conv1's output after dropout */
    real *active, *mask2;         /* (R, d): ReLU of that; dropout of conv2's */
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

#endif
