/* Between the files of sasrec only. */
#ifndef CF_SASREC_TAPE_H
#define CF_SASREC_TAPE_H

#include "cf/sasrec.h"

#define SASREC_EPS ((real)1e-8) /* of every layer norm */

/* Places in the arena. */
struct sasrec_block {
    long norm1_w, norm1_b, in_w, in_b, out_w, out_b, norm2_w, norm2_b, conv1_w, conv1_b,
        conv2_w, conv2_b;
};

struct sasrec_places {
    long pos_emb, last_w, last_b;
    struct sasrec_block block[BACKBONE_MAX_BLOCKS];
};

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
    struct sasrec_layer layer[BACKBONE_MAX_BLOCKS];
    real *mask;              /* (R, d) dropout of the embedding sum */
    real *last, *mean, *rstd; /* (R, d): the last LN's input */
    real *scratch;           /* (W, (T + 1)^2) */
    real *a, *b, *c, *kv;    /* (R, d) x 3, (R, 2 d): gradients on their way */
};

static inline const struct sasrec_places *sasrec_places(const struct backbone *m)
{
    return m->places;
}

static inline struct sasrec_inner *sasrec_inner(const struct backbone_tape *t)
{
    return t->inner;
}

/* The first block's x of windows from .. to - 1, after dropout. */
void sasrec_embed(const struct backbone *m, struct backbone_tape *t, int from, int to);

/* next (R, d) = the block of its x, for windows from .. to - 1. */
void sasrec_block_forward(const struct backbone *m, struct backbone_tape *t, int index,
                          real *next, int from, int to);

/* Of sasrec_kind. */
void sasrec_carve(struct carver *c, struct backbone_tape *t, const struct backbone *m);
void sasrec_forward(const struct backbone *m, struct backbone_tape *t, int from, int to);
void sasrec_backward(const struct backbone *m, struct backbone_tape *t, real *g, int from,
                     int to);
void sasrec_represent(const struct backbone *m, struct backbone_tape *t);

#endif
