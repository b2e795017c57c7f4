/* The trained numbers of a model: one arena and a table of what stands where,
 * so that init, save, load, Adam, clearing and merging gradients are one loop
 * each.  A gradient is a second arena of the same size. */
#ifndef NN_PARAMS_H
#define NN_PARAMS_H

#include "nn/real.h"
#include "util/error.h"

struct param {
    char name[80];  /* as in the published state_dict */
    int rows, cols; /* cols 1 for a vector */
    int ndim; /* of the shape: 1 (rows), 2 (rows, cols), 3 (rows, cols / last, last) */
    int last;       /* 1, or a convolution's taps */
    long at;        /* first number in the arena, a multiple of 16 */
};

struct params {
    struct param *list;
    int count, room;
    long size;    /* numbers in the arena; gaps between tensors stay 0 */
    real *values; /* NULL until params_allocate */
};

/* Appends a tensor of that shape (ndim as above), whose name printf makes.  Returns the
 * tensor's place `at`. */
long params_add(struct params *p, int ndim, int rows, int cols, const char *name, ...)
    __attribute__((format(printf, 5, 6)));

/* Appends a convolution's weights likewise, of shape (out, in, taps). */
long params_add_taps(struct params *p, int out, int in, int taps, const char *name, ...)
    __attribute__((format(printf, 5, 6)));

/* Makes the zeroed arena of values, after all tensors have been added. */
void params_allocate(struct params *p);

void params_free(struct params *p);

/* Returns a zeroed arena of the same size, for gradients or moments, that the caller
 * frees. */
real *params_arena(const struct params *p);

/* Returns the index of the tensor of that name, or -1. */
int params_find(const struct params *p, const char *name);

/* Returns how many numbers the tensor holds. */
long params_length(const struct param *t);

/* Adds from (n) to into (n).  Callers merge blocks in a fixed order. */
void params_merge(real *into, const real *from, long n);

#endif
