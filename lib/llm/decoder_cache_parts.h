/* Inside of decoder_cache.c and decoder_step.c. */
#ifndef LLM_DECODER_CACHE_PARTS_H
#define LLM_DECODER_CACHE_PARTS_H

#include "llm/decoder_cache.h"
#include "llm/decoder_parts.h"

/* For each layer and key-value head the keys (room, head_dim), rotated, and behind them
 * the values. */
struct decoder_cache {
    struct decoder_config config;
    int room, rows;
    real *number;
};

static inline real *decoder_cache_keys(const struct decoder_cache *c, int layer, int head)
{
    size_t place = (size_t)layer * (size_t)c->config.kv_heads + (size_t)head;

    return c->number + 2 * place * (size_t)c->room * (size_t)c->config.head_dim;
}

static inline real *decoder_cache_values(const struct decoder_cache *c, int layer, int head)
{
    return decoder_cache_keys(c, layer, head)
           + (size_t)c->room * (size_t)c->config.head_dim;
}

/* Key and value of one head, from a row of queries, keys and values. */
void decoder_cache_put(struct decoder_cache *c, int layer, int head, int row,
                       const real *qkv);

#endif
