/* Popularity: an item's vector is its training count, a user's 1.  cf.pop (items). */
#include "cf/cf_kind.h"
#include "history/trained_rows.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static void make_room(struct cf_model *m)
{
    m->own = mem_new((size_t)m->items, sizeof(float));
    m->width = 1;
}

static void count_items(struct cf_model *m, const struct history *h)
{
    int64_t *count = history_popularity(h);

    make_room(m);
    for (int i = 0; i < m->items; i++)
        ((float *)m->own)[i] = (float)count[i];
    free(count);
}

static void load(struct cf_model *m, struct filter *f, const struct history *h,
                 const struct backbone_hints *hints)
{
    (void)h, (void)hints;
    if (tensor_rows(filter_tensor(f, "cf.pop", DT_F4, 1, "cf-train")) ==
        trained_rows(f, "item.id"))
        m->items = (int)trained_rows(f, "item.id");
    make_room(m);
    memcpy(m->own, filter_tensor_sized(f, "cf.pop", DT_F4, m->items, 0, "cf-train")->data,
           (size_t)m->items * sizeof(float));
}

static void release(struct cf_model *m)
{
    free(m->own);
}

static void put(struct filter *f, const struct cf_model *m)
{
    struct tensor t = tensor_view1(DT_F4, m->items, m->own);

    filter_put(f, "cf.pop", &t, NULL);
}

static void digest(const struct cf_model *m, char text[DIGEST_TEXT])
{
    digest_text(XXH3_64bits(m->own, (size_t)m->items * sizeof(float)), text);
}

static void item_vector(const struct cf_model *m, real *x, int item)
{
    *x = (real)((const float *)m->own)[item];
}

/* NaN before whom nothing that the model knows has happened. */
static void represent(const struct cf_model *m, const struct history *h, real *x,
                      const struct cf_position *p, long n)
{
    int32_t window[1];

    for (long i = 0; i < n; i++) {
        int seen = p[i].end < 0 ? 0
                                : history_window(h, p[i].user, p[i].end, p[i].split, 1,
                                                 window);

        x[i] = cf_kind_known(m, window, seen) > 0 ? 1 : (real)NAN;
    }
}

static void score(const struct cf_model *m, real *to, const real *x, int first, int n)
{
    for (int i = 0; i < n; i++)
        to[i] = *x * (real)((const float *)m->own)[first + i];
}

static const struct cf_family counts = {
    .load = load, .free = release, .put = put, .digest = digest, .item = item_vector,
    .represent = represent, .score = score, .count = count_items,
};

const struct cf_kind cf_pop = {
    .title = "popularity, the training counts", .sign = "cf.pop", .family = &counts,
};
