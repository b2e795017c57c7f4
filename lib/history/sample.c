#include "history/sample.h"

#include "util/mem.h"
#include "util/rng.h"

#include <stdlib.h>

struct drawn {
    double key;
    int32_t id;
};

static int by_key(const void *a, const void *b)
{
    const struct drawn *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static int by_number(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

int sample_ids(const char *purpose, int32_t *list, int count, int n, uint64_t seed)
{
    struct drawn *drawn = mem_new((size_t)count, sizeof *drawn);

    for (int i = 0; i < count; i++) {
        rng r = rng_keyed(purpose, seed, 0, (uint64_t)list[i]);

        drawn[i] = (struct drawn){ rng_uniform(&r), list[i] };
    }
    qsort(drawn, (size_t)count, sizeof *drawn, by_key);
    if (n > count)
        n = count;
    for (int i = 0; i < n; i++)
        list[i] = drawn[i].id;
    qsort(list, (size_t)n, sizeof *list, by_number);
    free(drawn);
    return n;
}
