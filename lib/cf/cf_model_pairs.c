/* Models of a user and an item: a user's vector is the same at all positions. */
#include "cf/cf_kind.h"

#include "nn/params_store.h"

#include <math.h>
#include <string.h>

static void no_vector(real *x, int width)
{
    for (int j = 0; j < width; j++)
        x[j] = (real)NAN;
}

/* NaN where there is no position, or the user has nothing to have been trained on. */
static void represent(const struct cf_model *m, const struct history *h, real *x,
                      const struct cf_position *p, long n,
                      void (*user_vector)(const struct cf_model *m, real *x, int user))
{
    for (long i = 0; i < n; i++, x += m->width)
        if (p[i].end >= 0 && p[i].user < m->users &&
            history_training_rows(h, p[i].user) > 0)
            user_vector(m, x, p[i].user);
        else
            no_vector(x, m->width);
}

static void mf_load_for(struct cf_model *m, struct filter *f, const struct history *h,
                        const struct backbone_hints *hints)
{
    (void)hints;
    mf_load(&m->mf, f);
    m->items = m->mf.items;
    m->users = m->mf.users;
    cf_kind_expect(f, "cf.item_emb.weight", m->items, h->items, "item");
    cf_kind_expect(f, "cf.user_emb.weight", m->users, h->users, "user");
    m->width = m->mf.width;
}

static void mf_release(struct cf_model *m)
{
    mf_free(&m->mf);
}

static void mf_put(struct filter *f, const struct cf_model *m)
{
    params_put(f, &m->mf.p, "cf.", NULL);
}

static struct params *mf_params(struct cf_model *m)
{
    return &m->mf.p;
}

static void mf_item_vector(const struct cf_model *m, real *x, int item)
{
    memcpy(x, mf_item(&m->mf, item), (size_t)m->width * sizeof *x);
}

static void mf_user_vector(const struct cf_model *m, real *x, int user)
{
    memcpy(x, mf_user(&m->mf, user), (size_t)m->width * sizeof *x);
}

static void mf_represent(const struct cf_model *m, const struct history *h, real *x,
                         const struct cf_position *p, long n)
{
    represent(m, h, x, p, n, mf_user_vector);
}

static const real *mf_table(const struct cf_model *m)
{
    return mf_item(&m->mf, 0);
}

const struct cf_kind cf_mf = {
    .sign = "cf.user_emb.weight", .load = mf_load_for, .free = mf_release, .put = mf_put,
    .params = mf_params, .item = mf_item_vector, .represent = mf_represent,
    .table = mf_table,
};

static void ncf_load(struct cf_model *m, struct filter *f, const struct history *h,
                     const struct backbone_hints *hints)
{
    (void)hints;
    neumf_load(&m->neumf, f);
    m->items = m->neumf.shape.items;
    m->users = m->neumf.shape.users;
    cf_kind_expect(f, "cf.embed_item_GMF.weight", m->items, h->items, "item");
    cf_kind_expect(f, "cf.embed_user_GMF.weight", m->users, h->users, "user");
    m->width = neumf_width(&m->neumf);
}

static void ncf_release(struct cf_model *m)
{
    neumf_free(&m->neumf);
}

static void ncf_put(struct filter *f, const struct cf_model *m)
{
    params_put(f, &m->neumf.p, "cf.", NULL);
}

static struct params *ncf_params(struct cf_model *m)
{
    return &m->neumf.p;
}

static void ncf_item_vector(const struct cf_model *m, real *x, int item)
{
    neumf_item(&m->neumf, x, item);
}

static void ncf_user_vector(const struct cf_model *m, real *x, int user)
{
    neumf_user(&m->neumf, x, user);
}

static void ncf_represent(const struct cf_model *m, const struct history *h, real *x,
                          const struct cf_position *p, long n)
{
    represent(m, h, x, p, n, ncf_user_vector);
}

/* In training: by the forward pass over blocks of items. */
static void ncf_score(const struct cf_model *m, real *score, const real *x, int first, int n)
{
    enum { AT_ONCE = 256 };
    struct neumf_tape t;
    long V = m->width;

    neumf_tape_new(&t, &m->neumf, n < AT_ONCE ? n : AT_ONCE);
    for (int at = 0; at < n; at += AT_ONCE) {
        int some = n - at < AT_ONCE ? n - at : AT_ONCE;

        for (int i = 0; i < some; i++) {
            memcpy(t.u + i * V, x, (size_t)V * sizeof *x);
            neumf_item(&m->neumf, t.v + i * V, first + at + i);
        }
        neumf_forward(&m->neumf, &t, some);
        memcpy(score + at, t.y, (size_t)some * sizeof *score);
    }
    neumf_tape_free(&t);
}

static const char *ncf_network(const struct cf_model *m, char text[DIGEST_TEXT])
{
    return neumf_digest(&m->neumf, text);
}

const struct cf_kind cf_ncf = {
    .sign = "cf.embed_user_GMF.weight", .load = ncf_load, .free = ncf_release,
    .put = ncf_put, .params = ncf_params, .item = ncf_item_vector,
    .represent = ncf_represent, .score = ncf_score, .network = ncf_network,
};
