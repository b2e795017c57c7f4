#include "llm/decoder_cache.h"

#include "llm/decoder_cache_parts.h"
#include "util/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static size_t numbers(const struct decoder_config *c, int room)
{
    return 2 * (size_t)c->layers * (size_t)c->kv_heads * (size_t)room
           * (size_t)c->head_dim;
}

struct decoder_cache *decoder_cache_new(const struct decoder *m, int room)
{
    struct decoder_cache *c = mem_new(1, sizeof *c);

    assert(room > 0 && room <= m->c.context);
    c->config = m->c;
    c->room = room;
    c->number = mem_new(numbers(&m->c, room), sizeof *c->number);
    return c;
}

void decoder_cache_free(struct decoder_cache *c)
{
    if (!c)
        return;
    free(c->number);
    free(c);
}

size_t decoder_cache_need(const struct decoder_config *c, int room)
{
    return numbers(c, room) * sizeof(real);
}

int decoder_cache_rows(const struct decoder_cache *c)
{
    return c->rows;
}

void decoder_cache_put(struct decoder_cache *c, int layer, int head, int row,
                       const real *qkv)
{
    size_t dim = (size_t)c->config.head_dim, heads = (size_t)c->config.heads;
    size_t kv_heads = (size_t)c->config.kv_heads;

    memcpy(decoder_cache_keys(c, layer, head) + (size_t)row * dim,
           qkv + (heads + (size_t)head) * dim, dim * sizeof *qkv);
    memcpy(decoder_cache_values(c, layer, head) + (size_t)row * dim,
           qkv + (heads + kv_heads + (size_t)head) * dim, dim * sizeof *qkv);
}

void decoder_cache_take(struct decoder_cache *c, int layer, const real *qkv, int n)
{
    size_t width = (size_t)decoder_qkv_width(&c->config);

    for (int h = 0; h < c->config.kv_heads; h++)
        for (int r = 0; r < n; r++)
            decoder_cache_put(c, layer, h, r, qkv + (size_t)r * width);
}

