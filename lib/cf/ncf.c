/* NCF by binary cross-entropy: an interaction has happened, those drawn beside it have
 * not.  Each pair is a row; the network's gradients of the blocks are added in order. */
#include "cf/cf_pairs.h"
#include "cf/neumf.h"
#include "nn/dropout.h"
#include "nn/loss.h"
#include "util/mem.h"
#include "util/rng.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_AT_ONCE = 256 };

struct room {
    int32_t *user;           /* (batch each), of each pair */
    real *drow[NEUMF_TABLES]; /* (batch each, cols): gradients of the pairs' vectors */
    struct neumf_tape *tape; /* (threads) */
    int tapes;
    real *block_grad;        /* (blocks, numbers of the network) */
};

static long network_size(const struct neumf *m)
{
    return m->p.size - m->dense;
}

static int columns_of(const struct neumf *m, int table)
{
    return table == NEUMF_USER_GMF || table == NEUMF_ITEM_GMF ? m->shape.gmf
                                                              : m->shape.mlp;
}

static bool is_of_users(int table)
{
    return table == NEUMF_USER_GMF || table == NEUMF_USER_MLP;
}

static int begin(struct cf_trainer *t, struct error *e)
{
    struct cf_pairs *b = t->pairs;
    struct room *room = b->own;
    struct neumf *m = t->model.own;
    size_t rows = (size_t)t->o.batch * (size_t)b->each;
    struct neumf_shape shape =
        neumf_shape_of(t->h->users, t->h->items, t->o.width, t->o.layers);

    if (neumf_new(m, shape, e) != 0)
        return -1;
    t->model.width = neumf_width(m);
    neumf_init(m, t->o.seed);
    room->user = mem_new(rows, sizeof *room->user);
    b->tables = NEUMF_TABLES;
    for (int i = 0; i < NEUMF_TABLES; i++) {
        room->drow[i] = mem_new(rows * (size_t)columns_of(m, i), sizeof(real));
        b->table[i] = (struct cf_table){ .tensor = i, .is_of_users = is_of_users(i),
                                         .id = is_of_users(i) ? room->user : b->drawn,
                                         .rows = room->drow[i], .n = (long)rows,
                                         .each = 1 };
    }
    room->block_grad = mem_new((size_t)b->blocks * (size_t)network_size(m), sizeof(real));
    room->tapes = omp_get_max_threads();
    room->tape = mem_new((size_t)room->tapes, sizeof *room->tape);
    for (int i = 0; i < room->tapes; i++)
        neumf_tape_new(&room->tape[i], m, ROWS_AT_ONCE);
    return 0;
}

static void end(struct cf_pairs *b)
{
    struct room *room = b->own;

    for (int i = 0; i < room->tapes; i++)
        neumf_tape_free(&room->tape[i]);
    for (int i = 0; i < NEUMF_TABLES; i++)
        free(room->drow[i]);
    free(room->user), free(room->tape), free(room->block_grad);
}

/* The vectors of pairs from .. from + n - 1, and what is dropped of them. */
static void lay_out(struct cf_trainer *t, struct neumf_tape *tape, long from, int n)
{
    struct cf_pairs *b = t->pairs;
    const struct neumf *m = t->model.own;
    int32_t *user = ((struct room *)b->own)->user;
    long V = neumf_width(m);
    rng r = rng_keyed("cf-train dropout", t->o.seed, (uint64_t)t->at.step,
                      (uint64_t)from);

    for (int i = 0; i < n; i++) {
        user[from + i] = b->user[(from + i) / b->each];
        neumf_user(m, tape->u + i * V, user[from + i]);
        neumf_item(m, tape->v + i * V, b->drawn[from + i]);
    }
    tape->drops = t->o.dropout > 0;
    for (int i = 0; i < m->shape.layers && tape->drops; i++)
        dropout_mask(tape->mask[i],
                     (long)n * (i ? m->shape.out[i - 1] : 2 * m->shape.mlp), t->o.dropout,
                     &r);
}

static void keep_gradients(struct room *room, const struct neumf *m,
                           const struct neumf_tape *tape, long from, int n)
{
    long G = m->shape.gmf, M = m->shape.mlp, V = G + M;

    for (int i = 0; i < NEUMF_TABLES; i++) {
        long cols = columns_of(m, i);
        const real *d =
            (is_of_users(i) ? tape->du : tape->dv) + (i < NEUMF_USER_MLP ? 0 : G);

        for (long j = 0; j < n; j++)
            memcpy(room->drow[i] + (from + j) * cols, d + j * V,
                   (size_t)cols * sizeof *d);
    }
}

/* At most ROWS_AT_ONCE rows; their loss. */
static double rows_step(struct cf_trainer *t, real *grad, long from, int n)
{
    struct cf_pairs *b = t->pairs;
    const struct neumf *m = t->model.own;
    struct neumf_tape *tape = &((struct room *)b->own)->tape[omp_get_thread_num()];
    double loss = 0, scale = 1.0 / ((double)t->o.batch * b->each);

    lay_out(t, tape, from, n);
    neumf_forward(m, tape, n);
    memset(tape->dy, 0, (size_t)n * sizeof *tape->dy);
    for (int i = 0; i < n; i++)
        loss += bce_logits_all(tape->dy + i, tape->y + i, (from + i) % b->each == 0, 1,
                               scale);
    neumf_backward(m, tape, grad, n);
    keep_gradients(b->own, m, tape, from, n);
    return loss;
}

static void block(struct cf_trainer *t, int index, int from, int to)
{
    struct cf_pairs *b = t->pairs;
    long size = network_size(t->model.own), end = (long)to * b->each;
    real *grad = ((struct room *)b->own)->block_grad + index * size;

    memset(grad, 0, (size_t)size * sizeof *grad);
    b->loss[index] = 0;
    for (long row = (long)from * b->each; row < end; row += ROWS_AT_ONCE)
        b->loss[index] += rows_step(
            t, grad, row, (int)(end - row < ROWS_AT_ONCE ? end - row : ROWS_AT_ONCE));
}

static void network_share(struct cf_trainer *t)
{
    struct cf_pairs *b = t->pairs;
    const struct room *room = b->own;
    const struct neumf *m = t->model.own;
    long size = network_size(m);

#pragma omp for schedule(dynamic)
    for (int i = NEUMF_TABLES; i < m->p.count; i++) {
        long at = m->p.list[i].at - m->dense, n = params_length(&m->p.list[i]);
        real *grad = b->grad + m->dense + at;

        memcpy(grad, room->block_grad + at, (size_t)n * sizeof *grad);
        for (int k = 1; k < b->blocks; k++)
            params_merge(grad, room->block_grad + k * size + at, n);
        adam_tensor(&t->adam, t->p, b->grad, i);
    }
}

static void load(struct cf_model *m, struct filter *f)
{
    struct neumf *n = m->own;

    neumf_load(n, f);
    m->items = n->shape.items;
    m->users = n->shape.users;
    m->width = neumf_width(n);
}

static void release(void *own)
{
    neumf_free(own);
}

static struct params *params(void *own)
{
    return &((struct neumf *)own)->p;
}

static void user_vector(const struct cf_model *m, real *x, int user)
{
    neumf_user(m->own, x, user);
}

static void item_vector(const struct cf_model *m, real *x, int item)
{
    neumf_item(m->own, x, item);
}

/* In training: by the forward pass over blocks of items. */
static void score(const struct cf_model *m, real *to, const real *x, int first, int n)
{
    struct neumf_tape t;
    long V = m->width;

    neumf_tape_new(&t, m->own, n < ROWS_AT_ONCE ? n : ROWS_AT_ONCE);
    for (int at = 0; at < n; at += ROWS_AT_ONCE) {
        int some = n - at < ROWS_AT_ONCE ? n - at : ROWS_AT_ONCE;

        for (int i = 0; i < some; i++) {
            memcpy(t.u + i * V, x, (size_t)V * sizeof *x);
            neumf_item(m->own, t.v + i * V, first + at + i);
        }
        neumf_forward(m->own, &t, some);
        memcpy(to + at, t.y, (size_t)some * sizeof *to);
    }
    neumf_tape_free(&t);
}

static const struct cf_pairs_kind pairs = {
    .item_tensor = "cf.embed_item_GMF.weight", .size = sizeof(struct neumf),
    .room = sizeof(struct room), .load = load, .free = release, .params = params,
    .user = user_vector, .item = item_vector, .score = score, .begin = begin, .end = end,
    .block = block, .share = network_share,
};

/* To score vectors that a stream holds, in place of the tables. */
struct scorer {
    struct neumf network;
    struct neumf_scorer scorer;
};

static void load_network(void *own, struct filter *f, const real *item, int64_t items,
                         int width, char digest[DIGEST_TEXT])
{
    struct scorer *s = own;

    neumf_load_network(&s->network, f, width);
    neumf_digest(&s->network, digest);
    neumf_scorer_new(&s->scorer, &s->network, item, items);
}

static void release_network(void *own)
{
    struct scorer *s = own;

    neumf_scorer_free(&s->scorer);
    neumf_free(&s->network);
}

static void network_scores(const void *own, const real *user, int64_t first,
                           int64_t count, real *to)
{
    neumf_score(&((const struct scorer *)own)->scorer, user, first, count, to);
}

static const char *network_digest(const struct cf_model *m, char text[DIGEST_TEXT])
{
    return neumf_digest(m->own, text);
}

static const char *const network_tensors[] = { "cf.MLP_layers.*", "cf.predict_layer.*",
                                               NULL };

static const struct cf_network_kind network = {
    .sign = "cf.predict_layer.weight", .tensors = network_tensors,
    .size = sizeof(struct scorer), .load = load_network, .free = release_network,
    .score = network_scores, .digest = network_digest,
};

const struct cf_kind cf_ncf = {
    .title = "NeuMF, neural collaborative filtering", .paper = "He et al. 2017",
    .sign = "cf.embed_user_GMF.weight", .family = &cf_model_pairs, .pairs = &pairs,
    .network = &network, .options = { "layers", "dropout" },
    .defaults = { "dim=16", "layers=3", "negatives=4", "batch=1024", "epochs=20",
                  "dropout=0" },
};
