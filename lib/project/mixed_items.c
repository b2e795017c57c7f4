#include "project/mixed_items.h"

#include "util/rng.h"

int mixed_items_numbers(const struct stage2 *s)
{
    return s->mix > 0 ? 2 * s->item_count : s->item_count;
}

int mixed_items_number(const struct stage2 *s, uint64_t key, int item)
{
    rng r;

    if (s->mix <= 0)
        return item;
    r = rng_keyed("item mix", key, (uint64_t)item, 0);
    return rng_uniform(&r) < s->mix ? s->item_count + item : item;
}

const float *mixed_items_vector(const struct stage2 *s, int number)
{
    const float *from = number < s->item_count ? s->items : s->texts;

    return from + (size_t)(number % s->item_count) * (size_t)s->item.in;
}

void mixed_items_codes(const struct stage2 *s, uint64_t key, int *codes, int n)
{
    for (int i = 0; s->mix > 0 && i < n; i++)
        if (CODE_IS_ITEM(codes[i]))
            codes[i] = CODE_ITEM(mixed_items_number(s, key, CODE_ITEM_OF(codes[i])));
}
