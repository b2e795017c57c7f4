/* The family of models of a user and an item: a user's vector is the same at all
 * positions.  What each model is by itself is its struct cf_pairs_kind. */
#include "cf/cf_pairs.h"
#include "nn/params_store.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>

static void load(struct cf_model *m, struct filter *f, const struct history *h,
                 const struct backbone_hints *hints)
{
    const struct cf_pairs_kind *kind = m->kind->pairs;

    (void)hints;
    m->own = mem_new(1, kind->size);
    kind->load(m, f);
    cf_kind_expect(f, kind->item_tensor, m->items, h->items, "item");
    cf_kind_expect(f, m->kind->sign, m->users, h->users, "user");
}

/* A trainer that could not begin has no weights. */
static void release(struct cf_model *m)
{
    if (m->own)
        m->kind->pairs->free(m->own);
    free(m->own);
}

static struct params *params(const struct cf_model *m)
{
    return m->kind->pairs->params(m->own);
}

static void put(struct filter *f, const struct cf_model *m)
{
    params_put(f, params(m), "cf.", NULL);
}

static void item_vector(const struct cf_model *m, real *x, int item)
{
    m->kind->pairs->item(m, x, item);
}

/* NaN where there is no position, or the user has nothing to have been trained on. */
static void represent(const struct cf_model *m, const struct history *h, real *x,
                      const struct cf_position *p, long n)
{
    for (long i = 0; i < n; i++, x += m->width)
        if (p[i].end >= 0 && p[i].user < m->users &&
            history_training_rows(h, p[i].user) > 0)
            m->kind->pairs->user(m, x, p[i].user);
        else
            for (int j = 0; j < m->width; j++)
                x[j] = (real)NAN;
}

static void score(const struct cf_model *m, real *to, const real *x, int first, int n)
{
    m->kind->pairs->score(m, to, x, first, n);
}

static int64_t epoch(const struct cf_trainer *t)
{
    return t->lists.first[t->h->users];
}

static const char *const options[] = { "negatives", "l2", CF_TRAINED_OPTIONS, NULL };

const struct cf_family cf_model_pairs = {
    .options = options, .knows_users = true, .load = load, .free = release, .put = put,
    .params = params, .item = item_vector, .represent = represent, .score = score,
    .units = "interactions", .epoch = epoch, .begin = cf_pairs_new, .end = cf_pairs_free,
    .step = cf_pairs_step,
};
