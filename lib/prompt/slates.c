#include "prompt/slates.h"

#include "util/mem.h"

#include <stdlib.h>

static int find(const int *list, int count, int item)
{
    for (int i = 0; i < count; i++)
        if (list[i] == item)
            return i;
    return -1;
}

static void mark_competitors(struct slate *l, int e, const struct history *h, int targets,
                             const int *order)
{
    bool *admitted = l->admitted + (long)e * l->count;
    int user = l->example[e].user;

    for (int i = 0; i < l->count; i++)
        admitted[i] = order[i] >= targets; /* a negative */
    for (int64_t row = h->first[user]; row < h->first[user + 1]; row++) {
        int at = h->split[row] == SPLIT_TRAIN ? find(l->candidate, l->count, h->item[row])
                                              : -1;

        if (at >= 0)
            admitted[at] = false;
    }
    admitted[l->target_at[e]] = true;
}

void slate_draw(struct slate *l, const struct example *example, int examples,
                const struct history *h, int candidates, rng *r)
{
    int room = examples + candidates - 1, targets = 0, *drawn, *order;

    *l = (struct slate){ .example = example, .examples = examples };
    if (room > h->items)
        room = h->items;
    drawn = mem_new((size_t)room, sizeof *drawn);
    order = mem_new((size_t)room, sizeof *order);
    l->candidate = mem_new((size_t)room, sizeof *l->candidate);
    for (int e = 0; e < examples; e++)
        if (find(drawn, l->count, example[e].target) < 0)
            drawn[l->count++] = example[e].target;
    targets = l->count;
    while (l->count < room && l->count < targets + candidates - 1) {
        int item = (int)rng_below(r, (uint64_t)h->items);

        if (find(drawn, l->count, item) < 0)
            drawn[l->count++] = item;
    }
    for (int i = 0; i < l->count; i++)
        order[i] = i;
    rng_shuffle(r, order, l->count);
    for (int i = 0; i < l->count; i++)
        l->candidate[i] = drawn[order[i]];
    l->target_at = mem_new((size_t)examples, sizeof *l->target_at);
    l->admitted = mem_new((size_t)examples * (size_t)l->count, sizeof *l->admitted);
    for (int e = 0; e < examples; e++) {
        l->target_at[e] = find(l->candidate, l->count, example[e].target);
        mark_competitors(l, e, h, targets, order);
    }
    free(drawn);
    free(order);
}

void slate_free(struct slate *l)
{
    free(l->candidate);
    free(l->target_at);
    free(l->admitted);
    *l = (struct slate){ 0 };
}
