/* Before the LLM is asked anything: the two projections brought together by
 * themselves.  A causal model copies what follows a marker that looks like the one
 * it stands at; so the user's soft token is first made to look like those of the
 * items that the user takes (softmax over cosines / .07, uniform negatives), which
 * costs seconds, and the LLM's own gradient starts from there. */
#ifndef PROJECT_PREALIGN_H
#define PROJECT_PREALIGN_H

#include "nn/adam.h"
#include "project/stage2.h"
#include "prompt/slates.h"

enum { PREALIGN_NEGATIVES = 256 }; /* as the commands draw them */

/* One step on examples that all have a vector, against `negatives` items of the
 * catalogue drawn with r, of vectors mixed by that key.  Returns the loss; *right is the
 * share of examples whose own item is nearest. */
double prealign_step(struct stage2 *s, struct adam *adam, const struct example *examples,
                     int count, int negatives, rng *r, uint64_t mix, double *right);

#endif
