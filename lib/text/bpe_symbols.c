#include "text/bpe_symbols.h"

#include "util/mem.h"

#include <stdlib.h>

/* A merge that may be made: where, and of which rank when it was seen. */
struct chance {
    int rank, at;
};

static bool before(struct chance a, struct chance b)
{
    return a.rank < b.rank || (a.rank == b.rank && a.at < b.at);
}

static void heap_push(struct bpe_symbols *w, struct chance c)
{
    size_t i = w->chances;

    MEM_PUSH(w->heap, w->chances, w->chance_room, c);
    for (; i > 0 && before(c, w->heap[(i - 1) / 2]); i = (i - 1) / 2)
        w->heap[i] = w->heap[(i - 1) / 2];
    w->heap[i] = c;
}

static struct chance heap_pop(struct bpe_symbols *w)
{
    struct chance top = w->heap[0], last = w->heap[--w->chances];
    size_t i = 0, child;

    while ((child = 2 * i + 1) < w->chances) {
        if (child + 1 < w->chances && before(w->heap[child + 1], w->heap[child]))
            child++;
        if (!before(w->heap[child], last))
            break;
        w->heap[i] = w->heap[child];
        i = child;
    }
    w->heap[i] = last;
    return top;
}

/* The merge of the symbol at i with its right neighbour, or NULL. */
static const struct bpe_merge *merge_at(const struct bpe *t, const struct bpe_symbols *w,
                                        int i)
{
    const struct symbol *s = &w->symbol[i];

    if (s->id < 0 || s->next < 0)
        return NULL;
    return bpe_find_merge(t, s->id, w->symbol[s->next].id);
}

static void consider(const struct bpe *t, struct bpe_symbols *w, int i)
{
    const struct bpe_merge *m = i < 0 ? NULL : merge_at(t, w, i);

    if (m)
        heap_push(w, (struct chance){ m->rank, i });
}

void bpe_symbols_add(struct bpe_symbols *w, int id)
{
    int at = (int)w->symbols;

    if (id >= 0)
        MEM_PUSH(w->symbol, w->symbols, w->symbol_room,
                 ((struct symbol){ id, at - 1, at + 1 }));
}

/* The lowest rank first, the leftmost among equals, until none is left.  A chance
 * whose symbols have changed since is stale: its rank is no longer theirs. */
void bpe_symbols_merge(struct bpe_symbols *w, const struct bpe *t)
{
    w->symbol[w->symbols - 1].next = -1;
    w->chances = 0;
    for (size_t i = 0; i + 1 < w->symbols; i++)
        consider(t, w, (int)i);
    while (w->chances > 0) {
        struct chance c = heap_pop(w);
        const struct bpe_merge *m = merge_at(t, w, c.at);
        struct symbol *left = &w->symbol[c.at], *right;

        if (!m || m->rank != c.rank)
            continue;
        right = &w->symbol[left->next];
        left->id = m->id;
        left->next = right->next;
        right->id = -1;
        if (left->next >= 0)
            w->symbol[left->next].prev = c.at;
        consider(t, w, left->prev);
        consider(t, w, c.at);
    }
}

void bpe_symbols_free(struct bpe_symbols *w)
{
    free(w->symbol);
    free(w->heap);
    *w = (struct bpe_symbols){ 0 };
}
