/* Matrix factorisation: a vector for each user and each item, score their dot
 * product.  Trained by BPR (Rendle et al. 2009), see item_loss.h: the users' vectors of a
 * batch are rows that should score their item above the drawn ones.
 *
 * cf.user_emb.weight (users, d); cf.item_emb.weight (items + 1, d), of which row 0
 * is padding's, as in the other models. */
#include "cf/cf_pairs.h"
#include "cf/item_loss.h"
#include "nn/params_store.h"
#include "util/mem.h"
#include "util/rng.h"

#include <stdlib.h>
#include <string.h>

#define USERS "cf.user_emb.weight"
#define ITEMS "cf.item_emb.weight"
#define DEVIATION .1 /* of initial numbers */

enum { MOST_ROWS = 1 << 27, MOST_WIDTH = 4096 };

struct mf {
    struct params p;
    long user_emb, item_emb; /* places in the arena */
};

struct room {
    real *x, *dx;      /* (batch, d): users' vectors, their gradient */
    real *coefficient; /* (batch, each) */
};

/* Zeroed parameters. */
static int make(struct cf_model *m, int users, int items, int width, struct error *e)
{
    struct mf *mf = m->own;

    if (users < 1 || users > MOST_ROWS || items < 1 || items > MOST_ROWS || width < 1 ||
        width > MOST_WIDTH)
        return fail(e, "no matrix factorisation can have %d users, %d items, width %d",
                    users, items, width);
    m->users = users;
    m->items = items;
    m->width = width;
    mf->user_emb = params_add(&mf->p, 2, users, width, "user_emb.weight");
    mf->item_emb = params_add(&mf->p, 2, items + 1, width, "item_emb.weight");
    params_allocate(&mf->p);
    return 0;
}

static void draw_weights(struct params *p, uint64_t seed)
{
    for (int i = 0; i < p->count; i++) {
        const struct param *t = &p->list[i];
        rng r = rng_keyed("cf-train init", seed, (uint64_t)i, 0);

        for (long j = 0; j < params_length(t); j++)
            p->values[t->at + j] = (real)(DEVIATION * rng_normal(&r));
    }
}

static const real *user_row(const struct cf_model *m, int user)
{
    const struct mf *mf = m->own;

    return mf->p.values + mf->user_emb + (long)user * m->width;
}

static const real *item_row(const struct cf_model *m, int item)
{
    const struct mf *mf = m->own;

    return mf->p.values + mf->item_emb + (item + 1L) * m->width;
}

static void load(struct cf_model *m, struct filter *f)
{
    const struct tensor *user = filter_tensor(f, USERS, DT_F4, 2, "cf-train");
    const struct tensor *item =
        filter_tensor_sized(f, ITEMS, DT_F4, -1, user->shape[1], "cf-train");
    int64_t users = user->shape[0], items = item->shape[0], width = user->shape[1];
    struct error e;

    if (users > MOST_ROWS || items > MOST_ROWS || width > MOST_WIDTH)
        die("'" USERS "' or '" ITEMS "' is too large");
    if (make(m, (int)users, (int)items - 1, (int)width, &e) != 0)
        die("'cf.*': %s", e.text);
    params_load(&((struct mf *)m->own)->p, f, "cf.", "cf-train", 0);
}

static void release(void *own)
{
    params_free(&((struct mf *)own)->p);
}

static struct params *params(void *own)
{
    return &((struct mf *)own)->p;
}

static void user_vector(const struct cf_model *m, real *x, int user)
{
    memcpy(x, user_row(m, user), (size_t)m->width * sizeof *x);
}

static void item_vector(const struct cf_model *m, real *x, int item)
{
    memcpy(x, item_row(m, item), (size_t)m->width * sizeof *x);
}

static void score(const struct cf_model *m, real *to, const real *x, int first, int n)
{
    cf_kind_dot(m, to, item_row(m, 0), x, first, n);
}

static int begin(struct cf_trainer *t, struct error *e)
{
    struct cf_pairs *b = t->pairs;
    struct room *room = b->own;
    size_t batch = (size_t)t->o.batch, d = (size_t)t->o.width;

    if (make(&t->model, t->h->users, t->h->items, t->o.width, e) != 0)
        return -1;
    draw_weights(params(t->model.own), t->o.seed);
    room->x = mem_new(batch * d, sizeof(real));
    room->dx = mem_new(batch * d, sizeof(real));
    room->coefficient = mem_new(batch * (size_t)b->each, sizeof(real));
    b->tables = 2;
    b->table[0] = (struct cf_table){ .tensor = 0, .is_of_users = true, .id = b->user,
                                     .rows = room->dx, .n = t->o.batch, .each = 1 };
    b->table[1] = (struct cf_table){ .tensor = 1, .shift = 1, .id = b->drawn,
                                     .coefficient = room->coefficient, .rows = room->x,
                                     .n = (long)t->o.batch * b->each, .each = b->each };
    return 0;
}

static void end(struct cf_pairs *b)
{
    struct room *room = b->own;

    free(room->x), free(room->dx), free(room->coefficient);
}

static void block(struct cf_trainer *t, int index, int from, int to)
{
    const struct cf_model *m = &t->model;
    struct cf_pairs *b = t->pairs;
    struct room *room = b->own;
    long d = m->width;

    for (int i = from; i < to; i++)
        user_vector(m, room->x + i * d, b->user[i]);
    b->loss[index] = item_loss_bpr(
        room->dx + from * d, room->x + from * d, b->drawn + (long)from * b->each,
        to - from, b->each - 1, item_row(m, 0), m->width,
        1.0 / (t->o.batch * (b->each - 1)), room->coefficient + (long)from * b->each);
}

static const struct cf_pairs_kind pairs = {
    .item_tensor = ITEMS, .size = sizeof(struct mf),
    .room = sizeof(struct room), .load = load, .free = release, .params = params,
    .user = user_vector, .item = item_vector, .score = score, .begin = begin, .end = end,
    .block = block,
};

const struct cf_kind cf_mf = {
    .title = "matrix factorisation by BPR", .paper = "Rendle et al. 2009",
    .sign = USERS, .family = &cf_model_pairs, .pairs = &pairs,
    .defaults = { "negatives=1", "batch=1024", "epochs=100", "l2=2e-5" },
};
