/* Which token is said next. */
#ifndef LLM_SAMPLER_H
#define LLM_SAMPLER_H

#include "nn/real.h"

#include <stdint.h>

struct sampler {
    double temperature; /* 0: always the likeliest, of equal ones the first */
    double top_p;       /* of the likeliest tokens, the fewest that have this share */
    uint64_t seed;
};

/* Returns a token below n, drawn from softmax(logits / temperature) (n), cut to the
 * nucleus (Holtzman et al. 2020).  Seed, text and position key the draw. */
int sampler_pick(const struct sampler *s, const real *logits, int n, uint64_t text,
                 uint64_t position);

#endif
