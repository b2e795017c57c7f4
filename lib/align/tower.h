/* One autoencoder of stage 1: vectors of width `in` to the joint space and back.
 *
 *   shallow   joint = sigmoid(fc1 x), out = fc2 joint (the published network)
 *   deep      hidden layers of ReLU and dropout, a linear joint, the decoder
 *             mirrored with a linear output
 *
 * Layers are named fc1, fc2, ... from input to output; the joint is the output of
 * the middle one.  Dimensions: R rows of a batch, width[l] numbers before layer l. */
#ifndef ALIGN_TOWER_H
#define ALIGN_TOWER_H

#include "nn/params.h"
#include "nn/real.h"
#include "util/error.h"

#include <stdbool.h>
#include <stdint.h>

enum { TOWER_HIDDEN = 8, TOWER_LAYERS = 2 * (TOWER_HIDDEN + 1), TOWER_WIDTH = 1 << 16 };

enum tower_net { TOWER_SHALLOW, TOWER_DEEP };
extern const char *const tower_net_names[]; /* NULL closes */

struct tower_shape {
    int in, joint;
    int hidden[TOWER_HIDDEN], hiddens; /* none: shallow */
};

struct tower {
    struct tower_shape shape;
    int layers, middle; /* the joint is what layer middle - 1 puts out */
    int width[TOWER_LAYERS + 1];
    long weight[TOWER_LAYERS], bias[TOWER_LAYERS]; /* places in the arena */
};

/* Appends "PREFIXfc1.weight" (width[1], width[0]), "PREFIXfc1.bias", ... to p, and fills
 * t with their places.  Returns 0, or -1 and the reason in e where a width of the shape
 * is out of range. */
int tower_add(struct tower *t, struct params *p, const char *prefix,
              struct tower_shape shape, struct error *e);

/* Fills s with the shape of a tower that has width (layers + 1) numbers before its layers
 * and after the last.  Returns 0, or -1 and the reason in e where the widths do not
 * mirror. */
int tower_shape_of(struct tower_shape *s, const int *width, int layers, struct error *e);

/* Draws the tower's weights and biases in the arena values, U(+-1/sqrt(fan_in)) as
 * torch's Linear; purpose and seed key the draws. */
void tower_init(const struct tower *t, real *values, const char *purpose, uint64_t seed);

/* What forward keeps of R rows.  z[l] (R, width[l]) goes into layer l: the caller
 * fills z[0], forward the others.  d[l] is the gradient of z[l]; the loss fills
 * d[middle] and d[layers], backward turns all into gradients before the activation. */
struct tower_tape {
    real *z[TOWER_LAYERS + 1], *d[TOWER_LAYERS + 1];
    int rows;
    bool decoded;
    double dropout; /* 0: none */
};

/* Makes room for that many rows.  Release k with tower_tape_free. */
void tower_tape_new(struct tower_tape *k, const struct tower *t, int rows);
void tower_tape_free(struct tower_tape *k);

/* Computes rows from .. to - 1 as far as the output where k->decoded is set, else as far
 * as the joint.  Purpose, seed, step and row key the masks of dropout.  Calls for
 * different rows may run in parallel; a row's bits depend on its call's from and to. */
void tower_forward(const struct tower *t, const real *values, struct tower_tape *k,
                   int from, int to, const char *purpose, uint64_t seed, uint64_t step);

/* Computes rows from .. to - 1 of all other d from d[middle] and, where k->decoded is
 * set, d[layers]. */
void tower_backward(const struct tower *t, const real *values, struct tower_tape *k,
                    int from, int to);

/* The decoder alone, for rows whose z[middle] the caller has filled: computes their
 * output; and from d[layers], which the loss filled, their d[middle], adding to what is
 * there. */
void tower_decode_rows(const struct tower *t, const real *values, struct tower_tape *k,
                       int from, int to, const char *purpose, uint64_t seed,
                       uint64_t step);
void tower_decode_backward(const struct tower *t, const real *values,
                           struct tower_tape *k, int from, int to);

/* Sets (does not add to) layer l's gradients in grad, an arena, after tower_backward of
 * all rows.  Calls for different layers may run in parallel. */
void tower_weight_gradient(const struct tower *t, struct tower_tape *k, real *grad, int l,
                           int rows);

/* Computes joint (n, joint) from scale times x (n, in), without dropout, in parallel over
 * fixed blocks of rows. */
void tower_encode(const struct tower *t, const real *values, real *joint, const real *x,
                  real scale, long n);

/* Computes out (n, in) from joint (n, joint), without dropout, in parallel over fixed
 * blocks of rows. */
void tower_decode(const struct tower *t, const real *values, real *out, const real *joint,
                  long n);

#endif
