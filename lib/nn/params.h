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

/* Appends a tensor of that shape (ndim as above); returns its place `at`.
 * The name is printf's. */
long params_add(struct params *p, int ndim, int rows, int cols, const char *name, ...)
    __attribute__((format(printf, 5, 6)));

/* The same for a convolution's weights, shape (out, in, taps). */
long params_add_taps(struct params *p, int out, int in, int taps, const char *name, ...)
    __attribute__((format(printf, 5, 6)));

/* A zeroed arena once everything has been added. */
void params_allocate(struct params *p);

void params_free(struct params *p);

/* A zeroed arena of the same size, for gradients or moments; free with free(). */
real *params_arena(const struct params *p);

/* The table's index of the name, or -1. */
int params_find(const struct params *p, const char *name);

/* How many numbers tensor i holds. */
long params_length(const struct param *t);

/* into += from, both arenas of n numbers.  Called for blocks in fixed order. */
void params_merge(real *into, const real *from, long n);

#endif
