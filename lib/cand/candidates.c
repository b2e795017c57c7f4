#include "cand/candidates.h"

#include "history/sample.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>

struct candidates {
    int items;
    double *upto;   /* (items) weights summed up to and with each; NULL: uniform */
    int *taken;     /* (items) the draw that last took or left out the item */
    int draw;       /* counts the draws, from 1 */
    int drawable;   /* items of a weight above 0 */
    int available;  /* in this draw: items that can still be taken */
};

struct candidates *candidates_new(int items, const int64_t *popularity)
{
    struct candidates *c = mem_new(1, sizeof *c);
    double sum = 0;

    c->items = c->drawable = items;
    c->taken = mem_new((size_t)items, sizeof *c->taken);
    if (popularity) {
        c->upto = mem_new((size_t)items, sizeof *c->upto);
        for (int i = 0; i < items; i++) {
            c->upto[i] = sum += (double)popularity[i];
            c->drawable -= popularity[i] == 0;
        }
    }
    return c;
}

void candidates_free(struct candidates *c)
{
    if (!c)
        return;
    free(c->upto);
    free(c->taken);
    free(c);
}

static double weight(const struct candidates *c, int item)
{
    return !c->upto ? 1 : item ? c->upto[item] - c->upto[item - 1] : c->upto[0];
}

static bool is_free(const struct candidates *c, int item)
{
    return c->taken[item] != c->draw && weight(c, item) > 0;
}

static void take(struct candidates *c, int item)
{
    c->available -= is_free(c, item);
    c->taken[item] = c->draw;
}

static void begin_draw(struct candidates *c, const int32_t *exclude, int64_t count,
                       int target)
{
    if (c->draw == INT32_MAX) {
        for (int i = 0; i < c->items; i++)
            c->taken[i] = 0;
        c->draw = 0;
    }
    c->draw++;
    c->available = c->drawable;
    for (int64_t i = 0; i < count; i++)
        take(c, exclude[i]);
    if (target >= 0)
        take(c, target);
}

/* Any item by its weight, taken or not. */
static int draw_any(const struct candidates *c, rng *r)
{
    int low = 0, high = c->items - 1;
    double x;

    if (!c->upto)
        return (int)rng_below(r, (uint64_t)c->items);
    x = rng_uniform(r) * c->upto[c->items - 1];
    while (low < high) { /* the first item that reaches beyond x */
        int middle = low + (high - low) / 2;

        if (c->upto[middle] > x)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

struct keyed {
    double key;
    int32_t item;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

/* The remaining draws where few items are left: the order of exponential variables
 * with the weights as rates is that of successive draws (Efraimidis and Spirakis
 * 2006). */
static int draw_ordered(struct candidates *c, rng *r, int n, int32_t *out)
{
    struct keyed *key = mem_new((size_t)c->available, sizeof *key);
    int count = 0, drawn;

    for (int i = 0; i < c->items; i++)
        if (is_free(c, i))
            key[count++] =
                (struct keyed){ -log(1 - rng_uniform(r)) / weight(c, i), i };
    qsort(key, (size_t)count, sizeof *key, by_key);
    drawn = n < count ? n : count;
    for (int i = 0; i < drawn; i++)
        out[i] = key[i].item;
    free(key);
    return drawn;
}

int candidates_draw(struct candidates *c, rng *r, const int32_t *exclude, int64_t count,
                    int target, int n, int32_t *out)
{
    int drawn = 0;
    long tries = 16 * (long)n + 64; /* then the ordered way is cheaper */

    begin_draw(c, exclude, count, target);
    while (drawn < n && c->available > 0 && tries-- > 0) {
        int item = draw_any(c, r);

        if (!is_free(c, item))
            continue;
        take(c, item);
        out[drawn++] = item;
    }
    if (drawn < n && c->available > 0)
        drawn += draw_ordered(c, r, n - drawn, out + drawn);
    return drawn;
}

void candidates_hide(rng *r, int32_t *row, int drawn, int truth)
{
    int place = (int)rng_below(r, (uint64_t)drawn + 1);

    row[drawn] = row[place];
    row[place] = truth;
}

int candidates_sample_users(int32_t *list, int count, int n, uint64_t seed)
{
    return sample_ids("cand-sample users", list, count, n, seed);
}
