/* SASRec (Kang and McAuley 2018) in the order of operations of the published
 * A-LLMRec code, weights under its state_dict's names.
 *
 * A window holds a user's last items; in the published code it is padded on the
 * left to maxlen.  Padded rows are zeros and are keys like any other (k = b_k,
 * v = b_v), so here one row 0 in front of each window stands for all of them:
 * a window of L items takes L + 1 rows, and the result is the padded one's.
 *
 * Dimensions: d width, T = maxlen, R rows of a batch of windows. */
#ifndef MODELS_SASREC_H
#define MODELS_SASREC_H

#include "nn/params.h"
#include "nn/real.h"
#include "util/error.h"

#include <stdint.h>

enum {
    SASREC_MAX_BLOCKS = 16,
    SASREC_WINDOWS_AT_ONCE = 8, /* the fixed blocks of training */
};

struct sasrec_shape {
    int items, width, maxlen, blocks, heads;
};

/* Places in the arena. */
struct sasrec_block {
    long norm1_w, norm1_b, in_w, in_b, out_w, out_b, norm2_w, norm2_b, conv1_w, conv1_b,
        conv2_w, conv2_b;
};

struct sasrec {
    struct sasrec_shape shape;
    struct params p;
    long pos_emb;
    struct sasrec_block block[SASREC_MAX_BLOCKS];
    long last_w, last_b;
    long dense;    /* the arena's numbers up to here: all but item embeddings */
    long item_emb; /* follows them */
};

/* Zeroed parameters of that shape; 0, or -1 and the reason if it is none that
 * can be.  Release with sasrec_free. */
int sasrec_new(struct sasrec *m, struct sasrec_shape shape, struct error *e);
void sasrec_free(struct sasrec *m);

/* Xavier-normal matrices (in_proj as one), norms 1 and 0, attention biases 0,
 * convolution biases U(+-1/sqrt(d)). */
void sasrec_init(struct sasrec *m, uint64_t seed);

/* Item i's embedding (d), borrowed; row 0 of the table is padding's. */
const real *sasrec_item(const struct sasrec *m, int item);

/* What forward keeps of a batch of windows for backward; opaque but for these. */
struct sasrec_tape {
    int windows, rows;    /* of the batch; rows = sum of lengths + windows */
    int first;            /* place of window 0 in a larger batch, for the masks' keys: 0 */
    int *start;           /* (windows + 1): first row of each window, its row 0 */
    const int32_t *item;  /* (windows, maxlen), each `length` of them, oldest first */
    const int *length;    /* (windows), at least 1 */
    real *out, *d_out;    /* (R, d): representations after each row; their gradient */
    real *d_in;           /* (R, d): gradient of the scaled item embeddings */
    struct sasrec_inner *inner;
};

/* Room for that many windows. */
void sasrec_tape_new(struct sasrec_tape *t, const struct sasrec *m, int windows);
void sasrec_tape_free(struct sasrec_tape *t);

/* Lays out a batch; item and length are borrowed until the next one.  dropout
 * 0: none; its masks are keyed by seed, step and the window's place in the batch
 * (t->first and on). */
void sasrec_batch(struct sasrec_tape *t, const struct sasrec *m, const int32_t *item,
                  const int *length, int windows, double dropout, uint64_t seed,
                  uint64_t step);

/* Fills out's rows of windows from .. to - 1.  Calls for different windows may
 * run in parallel; a row's bits depend on its call's from and to. */
void sasrec_forward(const struct sasrec *m, struct sasrec_tape *t, int from, int to);

/* From d_out's rows (row 0 of a window is not read): fills d_in's rows and adds
 * to dense, the gradients of the arena's first m->dense numbers. */
void sasrec_backward(const struct sasrec *m, struct sasrec_tape *t, real *dense,
                     int from, int to);

/* Representations (n, d) after the last item of each of n windows (n, maxlen)
 * with `length` (n) items; NaN for a window of none.  Parallel over fixed
 * blocks of windows counted from the first. */
void sasrec_represent(const struct sasrec *m, real *out, const int32_t *item,
                      const int *length, long n);

#endif
