/* The family of models that read windows: a user's vector is the representation of a
 * window.  What each model is by itself is its struct backbone_kind. */
#include "cf/cf_kind.h"

#include "cf/cf_windows.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

static void load(struct cf_model *m, struct filter *f, const struct history *h,
                 const struct backbone_hints *hints)
{
    backbone_load(&m->backbone, m->kind->backbone, f, hints);
    m->items = m->backbone.shape.items;
    cf_kind_expect(f, "cf.item_emb.weight", m->items, h->items, "item");
    m->width = m->backbone.shape.width;
}

static void release(struct cf_model *m)
{
    backbone_free(&m->backbone);
}

static void put(struct filter *f, const struct cf_model *m)
{
    m->kind->backbone->put(f, &m->backbone);
}

static struct params *params(const struct cf_model *m)
{
    return (struct params *)&m->backbone.p;
}

static void item_vector(const struct cf_model *m, real *x, int item)
{
    memcpy(x, backbone_item(&m->backbone, item), (size_t)m->width * sizeof *x);
}

static void score(const struct cf_model *m, real *to, const real *x, int first, int n)
{
    cf_kind_dot(m, to, backbone_item(&m->backbone, 0), x, first, n);
}

static void represent(const struct cf_model *m, const struct history *h, real *x,
                      const struct cf_position *p, long n)
{
    int maxlen = m->backbone.shape.maxlen;
    int32_t *window = mem_new((size_t)n * (size_t)maxlen, sizeof *window);
    int *length = mem_new((size_t)n, sizeof *length);

    for (long i = 0; i < n; i++)
        if (p[i].end >= 0)
            length[i] = cf_kind_known(m, window + i * maxlen,
                                       history_window(h, p[i].user, p[i].end, p[i].split,
                                                      maxlen, window + i * maxlen));
    backbone_represent(&m->backbone, x, window, length, n);
    free(window);
    free(length);
}

static int64_t epoch(const struct cf_trainer *t)
{
    return t->h->users;
}

static const char *const options[] = {
    "loss", "windows", "negatives", "shared", "gbce-t", "adam", "item-std", "maxlen",
    "dropout", CF_TRAINED_OPTIONS, NULL,
};

const struct cf_family cf_model_windows = {
    .options = options, .load = load, .free = release, .put = put, .params = params,
    .item = item_vector, .represent = represent, .score = score, .units = "users",
    .epoch = epoch, .begin = cf_windows_new, .end = cf_windows_free,
    .step = cf_windows_step,
};
