/* The recommendation losses (--rec-loss): decoded vectors of targets and negatives beside
 * the users' vectors.  A loss is one file rec_NAME.c, which defines `const struct rec
 * rec_NAME`, and one row NAME of RECS.  align-train, its help and the training read
 * both. */
#ifndef ALIGN_REC_H
#define ALIGN_REC_H

#include "nn/real.h"

#include <stdint.h>

/* All losses, in the order of --rec-loss.  The first one is the default. */
#define RECS(ROW) ROW(bce) ROW(choice)

/* A batch of n examples: row i of y is example i's target, row n + i its negative. */
struct rec_rows {
    const real *y;        /* (2 n, d) decoded vectors */
    real *dy;             /* (2 n, d): a loss adds its gradients */
    const real *const *x; /* (n) the users' vectors, rows of width d */
    const int32_t *id;    /* (2 n): the item of each row */
    int n, d;
    double factor;        /* multiplies x . y */
    double weight;        /* multiplies the loss, a mean over examples */
    real *work;           /* numbers as the loss's work says */
};

struct rec {
    const char *what; /* "one negative, by cross-entropy of each": for --help */

    /* How many numbers of scratch n examples take. */
    long (*work)(int n);

    /* Returns the weighted loss, and adds its gradient.  A loss of which each row has a
     * share by itself has block, for the rows from .. to - 1, all of them targets or all
     * negatives; blocks run in parallel.  One that compares rows has whole, for all rows
     * at once; no bit of it may depend on the number of threads. */
    double (*block)(const struct rec_rows *r, int from, int to);
    double (*whole)(const struct rec_rows *r);
};

/* The losses, and beside each its name; NULL closes both. */
extern const struct rec *const rec_kinds[];
extern const char *const rec_names[];

#define REC_DECLARE(name) extern const struct rec rec_##name;
RECS(REC_DECLARE)
#undef REC_DECLARE

#endif
