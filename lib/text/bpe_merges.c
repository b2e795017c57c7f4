/* The tables in which a tokenizer finds tokens and merges. */
#include "text/bpe_parts.h"
#include "util/mem.h"

static size_t power_above(size_t n)
{
    size_t power = 16;

    while (power < n)
        power *= 2;
    return power;
}

int bpe_find(const struct bpe *t, const char *data, size_t size)
{
    return vocab_find(&t->normal, data, size);
}

static size_t merge_place(const struct bpe *t, uint64_t pair)
{
    uint64_t h = pair * 0x9e3779b97f4a7c15u;
    size_t i = (h ^ h >> 32) & (t->merges - 1);

    while (t->merge[i].pair != NO_PAIR && t->merge[i].pair != pair)
        i = (i + 1) & (t->merges - 1);
    return i;
}

static uint64_t pair_of(int left, int right)
{
    return (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
}

const struct bpe_merge *bpe_find_merge(const struct bpe *t, int left, int right)
{
    const struct bpe_merge *m = &t->merge[merge_place(t, pair_of(left, right))];

    return m->pair == NO_PAIR ? NULL : m;
}

void bpe_merges_new(struct bpe *t, size_t n)
{
    t->merges = power_above(2 * n);
    t->merge = mem_new(t->merges, sizeof *t->merge);
    for (size_t i = 0; i < t->merges; i++)
        t->merge[i].pair = NO_PAIR;
}

void bpe_merges_put(struct bpe *t, int left, int right, int rank, int id)
{
    uint64_t pair = pair_of(left, right);

    t->merge[merge_place(t, pair)] = (struct bpe_merge){ pair, rank, id };
}
