/* Stage 1: an item tower f_I over CF vectors E (items, d) and a text tower f_T over
 * sentence vectors Q (items, D), trained so that both meet in one joint space.
 * For a user's vector x, the item i to predict and one negative j:
 *
 *   match        a loss of match.h: (e - q)^2, or InfoNCE over the batch's i and j
 *   item_recon   mean (dec(e) - E)^2
 *   text_recon   mean (dec(q) - Q)^2
 *   rec          a loss of rec.h: -log s(x . dec(e_i)) - log(1 - s(x . dec(e_j))), or
 *                -log softmax of x . dec(e_i) among the batch's negatives
 *   rec_text     the same with q in place of e
 *   cross        mean (dec(q) - E)^2
 *
 * e = f_I(E), q = f_T(Q), dec the item tower's decoder, s the logistic function.  match,
 * the reconstructions and cross are taken over the targets and over the negatives and
 * added, or over the targets alone.  The last two teach text vectors what they are
 * decoded to: without them an item that no training has seen gets a q that no decoder
 * knows. */
#ifndef ALIGN_ALIGN_H
#define ALIGN_ALIGN_H

#include "align/match.h"
#include "align/rec.h"
#include "align/tower.h"
#include "nn/adam.h"

/* The likeness of user and item in rec: x . dec(e), or that divided by d.  The items of
 * match and reconstructions: targets and negatives, or targets alone. */
enum align_similarity { ALIGN_DOT, ALIGN_MEAN };
enum align_ground { ALIGN_BOTH, ALIGN_POSITIVES };
extern const char *const align_similarity_names[], *const align_ground_names[];

struct align_options {
    const struct match *match;
    double match_weight, alpha, beta, rec; /* 0: the term is off and not computed */
    double rec_text, cross;                /* likewise */
    const struct rec *rec_loss; /* of rec and rec_text */
    double temperature;
    bool learn_temperature;
    bool mean_similarity; /* x . dec(e) / d */
    bool targets_only;    /* of match and reconstructions */
    double text_scale;    /* multiplies Q */
    double dropout;       /* after hidden layers of a deep network */
};

struct align {
    struct align_options o;
    struct params p; /* "item.fc1.weight", ..., "text.fc1.weight", ..., "logit_scale" */
    struct tower item, text;
    long logit_scale; /* place of log(1 / temperature); -1: fixed */
};

/* Makes a model m with zeroed parameters.  Both shapes must have the same joint width.
 * Returns 0, or -1 and the reason in e where a shape is impossible.  Release m with
 * align_free. */
int align_new(struct align *m, const struct align_options *o, struct tower_shape item,
              struct tower_shape text, struct error *e);
void align_free(struct align *m);

/* Draws the initial weights of both towers from the seed. */
void align_init(struct align *m, uint64_t seed);

/* Returns the temperature in use.  A learned temperature stays at .01 or above, as in
 * CLIP. */
double align_temperature(const struct align *m);

/* A batch of n examples: x (n) rows of width d, item (2 n): targets, then
 * negatives.  E and Q as above. */
struct align_batch {
    int n;
    const real *const *x;
    const int32_t *item;
    const real *E, *Q;
};

/* The weighted terms of one loss and their sum. */
struct align_parts {
    double match, item_recon, text_recon, rec, rec_text, cross, total;
};

/* What a loss keeps for its gradient: room for batches of up to n examples. */
struct align_work {
    int room;
    struct tower_tape item, text; /* (2 n) rows; q decoded: the item's next 2 n */
    real *match;                  /* match->work of 2 n rows */
    real *rec;                    /* rec_loss->work, of q as much again */
    struct align_parts *part;     /* of each block of rows */
    double dscale;                /* gradient of 1 / temperature */
};

/* Makes room for batches of up to n examples of m.  Release w with align_work_free. */
void align_work_new(struct align_work *w, const struct align *m, int n);
void align_work_free(struct align_work *w);

/* Returns the number of blocks of rows in a batch of n: of several ranks (ranks/ranks.h)
 * each takes some. */
int align_shares(int n);

/* Computes the loss of batch b, which w has room for, and returns its terms.  training
 * turns dropout on; seed and step key the masks.  w keeps what align_gradient needs. */
struct align_parts align_loss(const struct align *m, struct align_work *w,
                              const struct align_batch *b, bool training, uint64_t seed,
                              uint64_t step);

/* Sets grad, an arena like m->p's, to the gradient of the loss.  To be called right after
 * align_loss of the same batch.  The bits do not depend on the number of threads. */
void align_gradient(const struct align *m, struct align_work *w,
                    const struct align_batch *b, real *grad);

/* Sets grad as align_gradient does, and takes Adam's step of each tensor while the
 * tensor's gradient is in the cache. */
void align_step(struct align *m, struct align_work *w, const struct align_batch *b,
                real *grad, struct adam *adam);

#endif
