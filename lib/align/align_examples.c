#include "align/align_examples.h"

#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char *const align_negative_names[] = {
    [NEGATIVES_SEEN] = "seen", [NEGATIVES_ALL] = "all", NULL
};

static int ascending(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

    return (x > y) - (x < y);
}

/* Each user's training items, ascending and each once. */
static void collect_known(struct align_examples *s)
{
    const struct history *h = s->h;
    int64_t n = 0;

    s->known = mem_new((size_t)h->n, sizeof *s->known);
    s->known_first = mem_new((size_t)h->users + 1, sizeof *s->known_first);
    for (int u = 0; u < h->users; u++) {
        int64_t first = n, kept;

        s->known_first[u] = first;
        for (int64_t i = h->first[u]; i < h->first[u + 1]; i++)
            if (h->split[i] == SPLIT_TRAIN)
                s->known[n++] = h->item[i];
        qsort(s->known + first, (size_t)(n - first), sizeof *s->known, ascending);
        kept = first;
        for (int64_t i = first; i < n; i++)
            if (i == first || s->known[i] != s->known[i - 1])
                s->known[kept++] = s->known[i];
        n = kept;
    }
    s->known_first[h->users] = n;
}

static bool user_knows(const struct align_examples *s, int u, int32_t item)
{
    int64_t first = s->known_first[u];

    return bsearch(&item, s->known + first, (size_t)(s->known_first[u + 1] - first),
                   sizeof item, ascending) != NULL;
}

static int64_t known_count(const struct align_examples *s, int u)
{
    return s->known_first[u + 1] - s->known_first[u];
}

/* The items that can be negatives. */
static void collect_pool(struct align_examples *s, bool seen)
{
    int64_t *count = history_popularity(s->h);

    s->pool = mem_new((size_t)s->h->items, sizeof *s->pool);
    for (int32_t i = 0; i < s->h->items; i++)
        if (!seen || count[i] > 0)
            s->pool[s->pool_count++] = i;
    free(count);
}

/* Where in the pool an item is that belongs to it, as everything known does. */
static int64_t pool_place(const struct align_examples *s, int32_t item)
{
    const int32_t *at = bsearch(&item, s->pool, (size_t)s->pool_count, sizeof item,
                                ascending);

    return at - s->pool;
}

/* The vector that row i of user u is predicted from, or NULL if there is none. */
static const real *vector_before(const struct align_examples *s, int u, int64_t i)
{
    const real *x = s->targets == TARGETS_LAST ? s->x.train + (long)u * s->x.d
                                               : s->x.inter + i * s->x.d;

    return isfinite(x[0]) ? x : NULL;
}

static void collect_rows(struct align_examples *s)
{
    const struct history *h = s->h;
    int64_t n = 0;

    s->row = mem_new((size_t)h->n, sizeof *s->row);
    s->row_first = mem_new((size_t)h->users + 1, sizeof *s->row_first);
    for (int u = 0; u < h->users; u++) {
        bool full = known_count(s, u) >= s->pool_count;
        int64_t last = history_target(h, u, SPLIT_TRAIN);

        s->row_first[u] = n;
        s->skipped += full;
        for (int64_t i = h->first[u]; !full && i < h->first[u + 1]; i++)
            if (h->split[i] == SPLIT_TRAIN && vector_before(s, u, i) &&
                (s->targets != TARGETS_LAST || i == last))
                s->row[n++] = i;
        s->count += s->targets == TARGETS_ALL ? n - s->row_first[u] : n > s->row_first[u];
    }
    s->row_first[h->users] = n;
}

int align_examples_new(struct align_examples *s, const struct history *h,
                       const struct align_users *x, int targets, bool seen,
                       struct error *e)
{
    *s = (struct align_examples){ .h = h, .x = *x, .targets = targets };
    collect_known(s);
    collect_pool(s, seen);
    collect_rows(s);
    if (s->count == 0)
        return fail(e, "no user has a training item that follows another one");
    s->list = mem_new((size_t)s->count, sizeof *s->list);
    return 0;
}

void align_examples_free(struct align_examples *s)
{
    free(s->known), free(s->known_first), free(s->row), free(s->row_first), free(s->list);
    free(s->pool);
    *s = (struct align_examples){ 0 };
}

/* Uniform over the items of the pool that the user does not know.  Rejection while that
 * is quick, else by place among the unknown. */
static int32_t draw_negative(const struct align_examples *s, int u, rng *r)
{
    int64_t items = s->pool_count, unknown = items - known_count(s, u), place, at = 0;

    while (2 * unknown >= items) {
        int32_t item = s->pool[rng_below(r, (uint64_t)items)];

        if (!user_knows(s, u, item))
            return item;
    }
    place = (int64_t)rng_below(r, (uint64_t)unknown);
    for (int64_t i = s->known_first[u]; i < s->known_first[u + 1]; i++)
        if (pool_place(s, s->known[i]) - (i - s->known_first[u]) <= place)
            at = i - s->known_first[u] + 1;
    return s->pool[place + at];
}

static void shuffle(struct align_example *list, long n, rng *r)
{
    for (long i = n - 1; i > 0; i--) {
        long j = (long)rng_below(r, (uint64_t)i + 1);
        struct align_example t = list[i];

        list[i] = list[j];
        list[j] = t;
    }
}

void align_examples_draw(struct align_examples *s, uint64_t seed, uint64_t epoch)
{
    rng order = rng_keyed("align-train order", seed, epoch, 0);
    long n = 0;

    for (int u = 0; u < s->h->users; u++) {
        rng r = rng_keyed("align-train user", seed, epoch, (uint64_t)u);
        int64_t first = s->row_first[u], end = s->row_first[u + 1];

        if (s->targets == TARGETS_RANDOM && end > first) {
            first += (int64_t)rng_below(&r, (uint64_t)(end - first));
            end = first + 1;
        }
        for (int64_t i = first; i < end; i++)
            s->list[n++] = (struct align_example){ vector_before(s, u, s->row[i]),
                                                   s->h->item[s->row[i]],
                                                   draw_negative(s, u, &r) };
    }
    shuffle(s->list, n, &order);
}

long align_examples_valid(const struct align_examples *s, uint64_t seed,
                          struct align_example *list)
{
    long n = 0;

    for (int u = 0; u < s->h->users; u++) {
        rng r = rng_keyed("align-train validation", seed, 0, (uint64_t)u);
        const real *x = s->x.valid + (long)u * s->x.d;
        int64_t target = history_target(s->h, u, SPLIT_VALID);

        if (target < 0 || !isfinite(x[0]) || known_count(s, u) + 1 >= s->pool_count)
            continue;
        list[n] = (struct align_example){ .x = x, .item = s->h->item[target] };
        do
            list[n].negative = draw_negative(s, u, &r);
        while (list[n].negative == list[n].item);
        n++;
    }
    return n;
}
