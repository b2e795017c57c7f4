/* The losses that draw item vectors e and text vectors q together (--match).  A loss is
 * one file match_NAME.c, which defines `const struct match match_NAME`, and one row NAME
 * of MATCHES.  align-train, its help and the training read both. */
#ifndef ALIGN_MATCH_H
#define ALIGN_MATCH_H

#include "nn/real.h"

#include <stdbool.h>
#include <stdint.h>

/* All losses, in the order of --match.  The first one is the default. */
#define MATCHES(ROW) ROW(mse) ROW(infonce) ROW(off)

/* Rows of a batch: row i of e and row i of q belong together. */
struct match_rows {
    const real *e, *q; /* (n, d) */
    real *de, *dq;     /* (n, d): a loss adds its gradients */
    const int32_t *id; /* (n): the item of each row */
    int n, d;
    int examples;      /* of the whole batch: one row of each, or two */
    double weight;     /* multiplies the loss */
    double scale;      /* 1 / temperature */
    double *dscale;    /* its gradient, added to by whole */
    real *work;        /* numbers as the loss's work says */
};

struct match {
    const char *what;     /* "mean of (e - q)^2": for --help */
    double alpha, beta;   /* what --alpha auto and --beta auto are beside this loss */
    bool scales_text;     /* --text-scale auto: the root of item.text's width, else 1 */
    bool has_temperature;

    /* How many numbers of scratch n rows of width d take; NULL: none. */
    long (*work)(int n, int d);

    /* Returns the weighted loss of some rows, and adds their gradients.  A loss of which
     * each row has a share by itself has block, which runs over blocks of rows in
     * parallel; one that compares rows has whole, for all rows at once.  Without either
     * there is no loss. */
    double (*block)(const struct match_rows *r);
    double (*whole)(const struct match_rows *r);
};

/* The losses, and beside each its name; NULL closes both. */
extern const struct match *const match_kinds[];
extern const char *const match_names[];

/* Is there a loss? */
bool match_is_on(const struct match *m);

#define MATCH_DECLARE(name) extern const struct match match_##name;
MATCHES(MATCH_DECLARE)
#undef MATCH_DECLARE

#endif
