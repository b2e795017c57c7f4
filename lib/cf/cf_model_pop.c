#include "cf/cf_kind.h"
#include "history/trained_rows.h"

#include <math.h>

/* Popularity: an item's vector is its training count, a user's 1. */
static void load_pop(struct cf_model *m, struct filter *f, const struct history *h,
                     const struct backbone_hints *hints)
{
    (void)hints;
    if (tensor_rows(filter_tensor(f, "cf.pop", DT_F4, 1, "cf-train")) ==
        trained_rows(f, "item.id"))
        m->items = (int)trained_rows(f, "item.id");
    m->pop = filter_tensor_sized(f, "cf.pop", DT_F4, m->items, 0, "cf-train")->data;
    m->width = 1;
    (void)h;
}

static void free_pop(struct cf_model *m)
{
    (void)m; /* the filter's */
}

static void item_by_count(const struct cf_model *m, real *x, int item)
{
    *x = m->pop[item];
}

static void represent_anybody(const struct cf_model *m, const struct history *h, real *x,
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

const struct cf_kind cf_pop = {
    .sign = "cf.pop", .load = load_pop, .free = free_pop, .item = item_by_count,
    .represent = represent_anybody,
};
