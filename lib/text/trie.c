#include "text/trie.h"

#include "util/mem.h"

#include <stdlib.h>

static uint64_t key_of(int node, int32_t symbol)
{
    return (uint64_t)((uint32_t)node + 1) << 32 | (uint32_t)symbol;
}

/* Where the edge is, or the free place where it would be. */
static struct trie_edge *place(const struct trie *t, uint64_t key)
{
    uint64_t h = key * 0x9e3779b97f4a7c15u;
    size_t i = (size_t)(h ^ h >> 32) & (t->places - 1);

    while (t->edge[i].key && t->edge[i].key != key)
        i = (i + 1) & (t->places - 1);
    return &t->edge[i];
}

static void grow(struct trie *t)
{
    struct trie bigger = *t;

    bigger.places = t->places ? 2 * t->places : 1024;
    bigger.edge = mem_new(bigger.places, sizeof *bigger.edge);
    for (size_t i = 0; i < t->places; i++)
        if (t->edge[i].key)
            *place(&bigger, t->edge[i].key) = t->edge[i];
    free(t->edge);
    *t = bigger;
}

static int new_node(struct trie *t)
{
    MEM_PUSH(t->value, t->nodes, t->room, -1);
    return (int)t->nodes - 1;
}

static int step_or_new(struct trie *t, int node, int32_t symbol)
{
    struct trie_edge *e;

    if (2 * t->edges >= t->places)
        grow(t);
    e = place(t, key_of(node, symbol));
    if (!e->key) {
        e->key = key_of(node, symbol);
        e->node = new_node(t);
        t->edges++;
    }
    return e->node;
}

void trie_add(struct trie *t, const int32_t *word, long n, int value)
{
    int node = 0;

    if (t->nodes == 0)
        new_node(t);
    for (long i = 0; i < n; i++)
        node = step_or_new(t, node, word[i]);
    t->value[node] = value;
}

int trie_step(const struct trie *t, int node, int32_t symbol)
{
    const struct trie_edge *e = t->places ? place(t, key_of(node, symbol)) : NULL;

    return e && e->key ? e->node : -1;
}

int trie_value(const struct trie *t, int node)
{
    return t->nodes ? t->value[node] : -1;
}

int trie_find(const struct trie *t, const int32_t *word, long n)
{
    int node = 0;

    for (long i = 0; i < n && node >= 0; i++)
        node = trie_step(t, node, word[i]);
    return node < 0 ? -1 : trie_value(t, node);
}

int trie_longest(const struct trie *t, const int32_t *text, long n, long *length)
{
    int node = 0, best = -1;

    for (long i = 0; i < n && (node = trie_step(t, node, text[i])) >= 0; i++)
        if (trie_value(t, node) >= 0) {
            best = trie_value(t, node);
            *length = i + 1;
        }
    return best;
}

void trie_free(struct trie *t)
{
    free(t->edge);
    free(t->value);
    *t = (struct trie){ 0 };
}
