/* How a text's token vectors become one (sentence-transformers' Pooling): several ways at
 * once stand behind each other. */
#ifndef SBERT_POOLING_H
#define SBERT_POOLING_H

#include "formats/json_file.h"
#include "nn/real.h"

enum pooling {
    POOL_MEAN,
    POOL_CLS,      /* the first token */
    POOL_MAX,
    POOL_MEAN_SQRT, /* sum / sqrt(tokens) */
    POOL_WEIGHTED, /* mean with weights 1, 2, 3, ... */
    POOL_LAST,     /* the last token */
    POOLINGS
};

struct poolings {
    enum pooling way[2 * POOLINGS];
    int ways;
    int width;           /* of a token's vector, 0: not said */
    bool include_prompt; /* false: the prompt's tokens are left out */
};

/* Reads 1_Pooling/config.json.  Returns 0, or -1 and the reason in e. */
int poolings_read(struct poolings *p, const struct json_file *f, struct error *e);

/* out (ways * w) from x (n, w); the first `skip` < n tokens are left out, but count as
 * places. */
void poolings_run(const struct poolings *p, float *out, const real *x, int n, int skip,
                  int w);

#endif
