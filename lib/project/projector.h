/* Stage 2's trained parts: F_U and F_I, which take CF and joint vectors into the
 * token-embedding space of the LLM:
 *
 *     y = gain (W2 act(LN(W1 x + b1)) + b2)
 *
 * act is LeakyReLU(.01) for users and the exact GELU for items, LN's eps 1e-5, as
 * published.  The gain is ours: without it soft tokens start five times as long
 * as the LLM's own token embeddings. */
#ifndef PROJECT_PROJECTOR_H
#define PROJECT_PROJECTOR_H

#include "nn/params.h"
#include "nn/real.h"

#include <stdbool.h>
#include <stdint.h>

enum projector_kind { PROJECTOR_USER, PROJECTOR_ITEM };

/* Where its parameters stand in an arena. */
struct projector {
    enum projector_kind kind;
    int in, width;
    long w1, b1, ln_w, ln_b, w2, b2;
    long gain; /* -1: none */
};

/* Makes f a projection from width `in` to width `width`, and adds its tensors to p under
 * the published names, "user.0.weight" ... "user.3.bias", and "user.gain". */
void projector_add(struct projector *f, struct params *p, enum projector_kind kind,
                   int in, int width, bool with_gain);

/* Draws xavier-normal matrices and biases as those of torch's Linear, by the seed, and
 * sets the gain to 1. */
void projector_init(const struct projector *f, struct params *p, uint64_t seed);

/* Sets the gain so that the outputs of x (n, in) have the root mean square rms. */
void projector_set_rms(const struct projector *f, struct params *p, const real *x, int n,
                       real rms);

/* Takes a standardisation of the inputs, (x - mean) * scale with mean and scale (in),
 * into W1 and b1: what was trained on standardised inputs then takes plain ones. */
void projector_fold(const struct projector *f, struct params *p, const real *mean,
                    const real *scale);

/* What forward keeps for backward, for at most `room` rows. */
struct projector_state {
    int n, room;
    const real *x;                  /* (n, in), borrowed */
    real *hidden, *norm, *act, *y;  /* (n, width); y is before the gain */
    real *dy, *dact;                /* (n, width), backward's own */
    real *mean, *rstd;              /* (n) */
};

/* Returns room for up to `room` rows, to free with projector_state_free. */
struct projector_state *projector_state_new(const struct projector *f, int room);
void projector_state_free(struct projector_state *s);

/* Computes out (n, width) from x (n, in), n <= room.  The caller keeps x until
 * backward. */
void projector_forward(real *out, struct projector_state *s, const struct projector *f,
                       const struct params *p, const real *x, int n);

/* Adds the gradient to grad, an arena like p's, given that of the output, dout
 * (n, width). */
void projector_backward(real *grad, struct projector_state *s, const struct projector *f,
                        const struct params *p, const real *dout);

#endif
