/* Inside of decoder_cache.c, decoder_step.c and decoder_stepper.c. */
#ifndef LLM_DECODER_CACHE_PARTS_H
#define LLM_DECODER_CACHE_PARTS_H

#include "llm/decoder_cache.h"
#include "llm/decoder_parts.h"
#include "util/thread_team.h"

/* For each layer and key-value head the keys (room, head_dim), rotated, and behind them
 * the values. */
struct decoder_cache {
    struct decoder_config config;
    int room, rows;
    real *number;
};

/* n: sequences of a step. */
struct decoder_stepper {
    int sequences, room, threads;
    struct thread_team team;
    int *position;         /* (n) */
    real *x;               /* (n, width): goes through the layers */
    real *normed;          /* (n, width or embed_width) */
    real *qkv;             /* (n, qkv.out) */
    real *attended;        /* (n, heads head_dim) */
    real *gate_up;         /* (n, ff_width) */
    real *product;         /* (n, ff) */
    real *hidden;          /* (n, embed_width): what the head sees */
    real *cosine[2], *sine[2]; /* (n, rotated / 2), as decoder's frequency */
    real *mean, *rstd;     /* (n) */
    real *qk_rstd;         /* (n, heads + kv_heads) */
    real *branch;          /* (n, width) of results' norms */
    real *score;           /* (threads, heads / kv_heads, room) */
    unsigned char *scratch; /* (threads, scratch_bytes) of products */
    size_t scratch_bytes;
};

static inline real *decoder_cache_keys(const struct decoder_cache *c, int layer, int head)
{
    size_t place = (size_t)layer * (size_t)c->config.kv_heads + (size_t)head;

    return c->number + 2 * place * (size_t)c->room * (size_t)c->config.head_dim;
}

static inline real *decoder_cache_values(const struct decoder_cache *c, int layer,
                                         int head)
{
    return decoder_cache_keys(c, layer, head)
           + (size_t)c->room * (size_t)c->config.head_dim;
}

/* Key and value of one head, from a row of queries, keys and values. */
void decoder_cache_put(struct decoder_cache *c, int layer, int head, int row,
                       const real *qkv);

#endif
