#include "cf/mf.h"

#include "nn/params_store.h"
#include "util/rng.h"

#define DEVIATION .1 /* of initial numbers */

int mf_new(struct mf *m, int users, int items, int width, struct error *e)
{
    *m = (struct mf){ .users = users, .items = items, .width = width };
    if (users < 1 || users > 1 << 27 || items < 1 || items > 1 << 27 || width < 1 ||
        width > 4096)
        return fail(e, "no matrix factorisation can have %d users, %d items, width %d",
                    users, items, width);
    m->user_emb = params_add(&m->p, 2, users, width, "user_emb.weight");
    m->item_emb = params_add(&m->p, 2, items + 1, width, "item_emb.weight");
    params_allocate(&m->p);
    return 0;
}

void mf_free(struct mf *m)
{
    params_free(&m->p);
}

void mf_init(struct mf *m, uint64_t seed)
{
    for (int i = 0; i < m->p.count; i++) {
        const struct param *t = &m->p.list[i];
        rng r = rng_keyed("cf-train init", seed, (uint64_t)i, 0);

        for (long j = 0; j < params_length(t); j++)
            m->p.values[t->at + j] = (real)(DEVIATION * rng_normal(&r));
    }
}

const real *mf_user(const struct mf *m, int user)
{
    return m->p.values + m->user_emb + (long)user * m->width;
}

const real *mf_item(const struct mf *m, int item)
{
    return m->p.values + m->item_emb + (item + 1L) * m->width;
}

void mf_load(struct mf *m, struct filter *f)
{
    const struct tensor *user = filter_tensor(f, "cf.user_emb.weight", DT_F4, 2, "cf-train");
    const struct tensor *item = filter_tensor_sized(f, "cf.item_emb.weight", DT_F4, -1,
                                                    user->shape[1], "cf-train");
    struct error e;

    if (user->shape[0] > 1 << 27 || item->shape[0] > 1 << 27 || user->shape[1] > 4096)
        die("'cf.user_emb.weight' or 'cf.item_emb.weight' is too large");
    if (mf_new(m, (int)user->shape[0], (int)item->shape[0] - 1, (int)user->shape[1], &e) != 0)
        die("'cf.*': %s", e.text);
    params_load(&m->p, f, "cf.", "cf-train", 0);
}
