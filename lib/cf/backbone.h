/* Sequence models, the CF backbones that read a window of a user's last items.  What
 * they share is here: one arena of parameters that ends with the item embeddings,
 * windows in and a representation after each item out, whose dot product with an item's
 * embedding is its score.  What each is by itself is in its struct backbone_kind.
 *
 * A window of L items takes L + 1 rows of a batch: row 0 in front of it stands for
 * the padding of SASRec, and is nothing in the others.
 *
 * Dimensions: d width, T = maxlen, R rows of a batch of windows. */
#ifndef CF_BACKBONE_H
#define CF_BACKBONE_H

#include "nn/params.h"
#include "nn/real.h"
#include "util/error.h"
#include "util/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BACKBONE_MAX_BLOCKS = 16 };

struct cf_options;
struct filter;

/* Of those after blocks a model has the ones that its choose sets. */
struct backbone_shape {
    int items, width, maxlen;
    int blocks;                        /* of attention, GRU layers, residual blocks */
    int heads;                         /* of attention */
    int hidden;                        /* units of a GRU layer: H */
    int kernel;                        /* taps of a convolution */
    int dilation[BACKBONE_MAX_BLOCKS]; /* of each block */
};

/* What the shapes of a stream's weights do not tell; 0 or NULL: as the stream says, else
 * what the model takes as usual. */
struct backbone_hints {
    int heads, maxlen;
    const char *dilations;
};

struct backbone {
    const struct backbone_kind *kind;
    struct backbone_shape shape;
    struct params p;
    long dense;    /* the arena's numbers up to here: all but item embeddings */
    long item_emb; /* follows them */
    void *places;  /* where the kind's tensors stand in the arena */
};

/* What forward keeps of a batch of windows for backward; opaque but for these. */
struct backbone_tape {
    int windows, rows;    /* of the batch; rows = sum of lengths + windows */
    int first; /* place of window 0 in a larger batch, for the masks' keys: 0 */
    int *start;           /* (windows + 1): first row of each window, its row 0 */
    const int32_t *item;  /* (windows, maxlen), each `length` of them, oldest first */
    const int *length;    /* (windows), at least 1 */
    real *out, *d_out;    /* (R, d): representations after each row; their gradient */
    real *d_in;           /* (R, d): gradient of the item embeddings, row by row */
    int room;             /* windows */
    double dropout;
    uint64_t seed, step;
    const struct backbone *model;
    void *inner;          /* the kind's */
    real *memory;         /* all of its numbers */
};

/* Hands out n numbers of an arena, or only counts while memory is NULL. */
struct carver {
    real *memory;
    size_t used;
};
real *backbone_carve(struct carver *c, size_t n);

struct backbone_kind {
    const char *title;      /* "SASRec" */
    int windows_at_once;    /* the fixed blocks of training */
    int represented_at_once; /* and of representing */
    size_t places, inner;   /* bytes of backbone.places, backbone_tape.inner */

    /* Sets the model's own numbers of s: as cf-train's options o have them; as the
     * weights that f kept and the hints have them, maxlen too, or dies. */
    void (*choose)(struct backbone_shape *s, const struct cf_options *o);
    void (*read)(struct backbone_shape *s, struct filter *f,
                 const struct backbone_hints *hints);

    /* Writes every tensor, with what shapes do not tell as attributes. */
    void (*put)(struct filter *f, const struct backbone *m);

    /* Adds all parameters but the item embeddings; 0, or -1 and the reason if the
     * shape (items, width, maxlen and blocks are in range) is none that can be. */
    int (*plan)(struct backbone *m, struct error *e);

    /* Draws one tensor's initial values, which are zero; matrices of two dimensions
     * where the kind leaves them are xavier-normal: true if it has drawn them. */
    bool (*init)(const struct backbone *m, const struct param *t, real *values, rng *r);

    /* Takes the numbers of a tape's inner for room windows. */
    void (*carve)(struct carver *c, struct backbone_tape *t, const struct backbone *m);

    /* As backbone_forward, backbone_backward and backbone_represent. */
    void (*forward)(const struct backbone *m, struct backbone_tape *t, int from, int to);
    void (*backward)(const struct backbone *m, struct backbone_tape *t, real *dense,
                     int from, int to);

    /* t->out's first rows: the representation of each window of a whole batch
     * without dropout.  NULL: forward's last rows. */
    void (*represent)(const struct backbone *m, struct backbone_tape *t);
};

/* Zeroed parameters of that shape; 0, or -1 and the reason if it is none that
 * can be.  Release with backbone_free. */
int backbone_new(struct backbone *m, const struct backbone_kind *kind,
                 struct backbone_shape shape, struct error *e);
void backbone_free(struct backbone *m);

/* Draws the initial weights from the seed, as the kind has it. */
void backbone_init(struct backbone *m, uint64_t seed);

/* Item i's embedding (d), borrowed; row 0 of the table is padding's. */
const real *backbone_item(const struct backbone *m, int item);

/* Room for that many windows. */
void backbone_tape_new(struct backbone_tape *t, const struct backbone *m, int windows);
void backbone_tape_free(struct backbone_tape *t);

/* Lays out a batch; item and length are borrowed until the next one.  dropout
 * 0: none; its masks are keyed by seed, step and the window's place in the batch
 * (t->first and on). */
void backbone_tape_batch(struct backbone_tape *t, const int32_t *item, const int *length,
                         int windows, double dropout, uint64_t seed, uint64_t step);

/* Fills out's rows of windows from .. to - 1.  A tape serves one call at a time; a
 * row's bits depend on its call's from and to. */
void backbone_forward(const struct backbone *m, struct backbone_tape *t, int from,
                      int to);

/* From d_out's rows (row 0 of a window is not read): fills d_in's rows and adds
 * to dense, the gradients of the arena's first m->dense numbers.  Overwrites out. */
void backbone_backward(const struct backbone *m, struct backbone_tape *t, real *dense,
                       int from, int to);

/* For the kinds.  All masks of one window are drawn one after the other from this
 * generator. */
rng backbone_mask_rng(const struct backbone_tape *t, int window);

/* Zeroes the row 0 of windows from .. to - 1 in x, rows of that width of which the first
 * is the batch's row `first`. */
void backbone_zero_first(const struct backbone_tape *t, real *x, int width, int first,
                         int from, int to);

/* Copies the embedding of the item at place i of a window to x (d). */
void backbone_embed(const struct backbone *m, const struct backbone_tape *t, real *x,
                    int window, int i);

/* Representations (n, d) after the last item of each of n windows (n, maxlen)
 * with `length` (n) items; NaN for a window of none.  Parallel over fixed
 * blocks of windows counted from the first. */
void backbone_represent(const struct backbone *m, real *out, const int32_t *item,
                        const int *length, long n);

#endif
