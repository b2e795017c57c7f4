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

/* Appends "PREFIXfc1.weight" (width[1], width[0]), "PREFIXfc1.bias", ... to p.
 * 0, or -1 and the reason if the shape is none that can be. */
int tower_add(struct tower *t, struct params *p, const char *prefix,
              struct tower_shape shape, struct error *e);

/* The shape of a tower with these widths before its layers and after the last
 * (layers + 1 numbers); 0, or -1 and the reason if they do not mirror. */
int tower_shape_of(struct tower_shape *s, const int *width, int layers, struct error *e);

/* Weights and biases U(+-1/sqrt(fan_in)), as torch's Linear. */
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

void tower_tape_new(struct tower_tape *k, const struct tower *t, int rows);
void tower_tape_free(struct tower_tape *k);

/* Rows from .. to - 1; decode: as far as the output, else to the joint (set
 * k->decoded so).  Masks are keyed by purpose, seed, step and row.  Calls for
 * different rows may run in parallel; a row's bits depend on its call's rows. */
void tower_forward(const struct tower *t, const real *values, struct tower_tape *k,
                   int from, int to, const char *purpose, uint64_t seed, uint64_t step);

/* From d[middle] and, where decoded, d[layers]: all other d, rows from .. to - 1. */
void tower_backward(const struct tower *t, const real *values, struct tower_tape *k,
                    int from, int to);

/* After backward of all rows: layer l's gradients, set (not added to) in grad, an
 * arena.  Calls for different layers may run in parallel. */
void tower_weight_gradient(const struct tower *t, struct tower_tape *k, real *grad, int l,
                           int rows);

/* joint (n, joint) of scale x (n, in), without dropout; parallel over fixed blocks. */
void tower_encode(const struct tower *t, const real *values, real *joint, const real *x,
                  real scale, long n);

/* out (n, in) of joint (n, joint), likewise. */
void tower_decode(const struct tower *t, const real *values, real *out, const real *joint,
                  long n);

#endif
