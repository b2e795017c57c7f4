#include "rec/cf_pairs.h"

#include "models/item_loss.h"
#include "util/mem.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS_AT_ONCE = 64 };

static int ascending(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

    return (x > y) - (x < y);
}

static void sort_lists(struct cf_pairs *b, const struct cf_lists *l, int users)
{
    b->n = l->first[users];
    b->owner = mem_new((size_t)b->n, sizeof *b->owner);
    b->sorted = mem_new((size_t)b->n, sizeof *b->sorted);
    memcpy(b->sorted, l->item, (size_t)b->n * sizeof *b->sorted);
    for (int u = 0; u < users; u++) {
        for (int64_t i = l->first[u]; i < l->first[u + 1]; i++)
            b->owner[i] = u;
        qsort(b->sorted + l->first[u], (size_t)(l->first[u + 1] - l->first[u]),
              sizeof *b->sorted, ascending);
    }
}

static int blocks_of(const struct cf_trainer *t)
{
    return (t->o.batch + PAIRS_AT_ONCE - 1) / PAIRS_AT_ONCE;
}

static void make_room(struct cf_pairs *b, const struct cf_trainer *t)
{
    size_t batch = (size_t)t->o.batch, d = (size_t)t->o.width;

    b->each = t->o.negatives + 1;
    b->user = mem_new(batch, sizeof *b->user);
    b->drawn = mem_new(batch * (size_t)b->each, sizeof *b->drawn);
    b->x = mem_new(batch * d, sizeof *b->x);
    b->dx = mem_new(batch * d, sizeof *b->dx);
    b->coefficient = mem_new(batch * (size_t)b->each, sizeof *b->coefficient);
    b->loss = mem_new((size_t)blocks_of(t), sizeof *b->loss);
    b->grad = params_arena(&t->model.mf.p);
    b->touched[0] = mem_new((size_t)t->h->users, sizeof(int64_t));
    b->touched[1] = mem_new((size_t)t->h->items, sizeof(int64_t));
}

/* Users without training items keep no vector of chance. */
static void clear_untrained(struct mf *m, const struct cf_lists *l)
{
    for (int u = 0; u < m->users; u++)
        if (l->first[u + 1] == l->first[u])
            memset(m->p.values + m->user_emb + (long)u * m->width, 0,
                   (size_t)m->width * sizeof(real));
}

int cf_pairs_new(struct cf_trainer *t, struct error *e)
{
    const struct cf_options *o = &t->o;

    t->pairs = mem_new(1, sizeof *t->pairs);
    sort_lists(t->pairs, &t->lists, t->h->users);
    if (t->pairs->n == 0)
        return fail(e, "no user has a training item%s",
                    o->hide_last > 0 ? " beside the hidden ones" : "");
    if (mf_new(&t->model.mf, t->h->users, t->h->items, o->width, e) != 0)
        return -1;
    t->model.width = o->width;
    mf_init(&t->model.mf, o->seed);
    clear_untrained(&t->model.mf, &t->lists);
    make_room(t->pairs, t);
    return 0;
}

void cf_pairs_free(struct cf_trainer *t)
{
    struct cf_pairs *b = t->pairs;

    if (!b)
        return;
    free(b->owner), free(b->sorted), free(b->user), free(b->drawn);
    free(b->x), free(b->dx), free(b->coefficient), free(b->loss), free(b->grad);
    free(b->touched[0]), free(b->touched[1]);
    free(b);
}

static bool is_own(const struct cf_trainer *t, int user, int32_t item)
{
    int64_t from = t->lists.first[user], to = t->lists.first[user + 1];

    return bsearch(&item, t->pairs->sorted + from, (size_t)(to - from), sizeof item,
                   ascending) != NULL;
}

/* One interaction; where the items that are not the user's are few, any item after
 * so many tries. */
static void draw(struct cf_trainer *t, int slot)
{
    enum { TRIES = 1000 };
    struct cf_pairs *b = t->pairs;
    rng r = rng_keyed("cf-train pairs", t->o.seed, (uint64_t)t->at.step, (uint64_t)slot);
    int64_t at = (int64_t)rng_below(&r, (uint64_t)b->n);
    int32_t *drawn = b->drawn + (long)slot * b->each;

    b->user[slot] = b->owner[at];
    drawn[0] = t->lists.item[at];
    for (int j = 1; j < b->each; j++) {
        int tries = 0;

        do
            drawn[j] = (int32_t)rng_below(&r, (uint64_t)t->h->items);
        while (is_own(t, b->user[slot], drawn[j]) && ++tries < TRIES);
    }
}

/* Draws a block, its loss, coefficients and the gradients of its users' vectors. */
static double block_step(struct cf_trainer *t, int from)
{
    struct cf_pairs *b = t->pairs;
    const struct mf *m = &t->model.mf;
    long d = m->width;
    int n = t->o.batch - from < PAIRS_AT_ONCE ? t->o.batch - from : PAIRS_AT_ONCE;

    for (int i = from; i < from + n; i++) {
        draw(t, i);
        memcpy(b->x + i * d, mf_user(m, b->user[i]), (size_t)d * sizeof *b->x);
    }
    return item_bpr(b->dx + from * d, b->x + from * d, b->drawn + (long)from * b->each, n,
                    b->each - 1, mf_item(m, 0), m->width,
                    1.0 / (t->o.batch * (b->each - 1)),
                    b->coefficient + (long)from * b->each);
}

/* The thread's share of a table: every thread of a team calls it, and owns the ids
 * that leave its remainder.  Gradients are summed in the order of the batch, then
 * each row is changed once. */
static void table_share(struct cf_trainer *t, const struct cf_table *table)
{
    const struct param *p = &t->p->list[table->tensor];
    int threads = omp_get_num_threads(), me = omp_get_thread_num();
    real *grad = t->pairs->grad + p->at;

    item_scatter_share(grad + (long)table->shift * p->cols, table->id, table->coefficient,
                       table->rows, table->n, table->each, p->cols);
    for (long i = 0; i < table->n; i++) {
        int32_t id = table->id[i];
        long row = id + (long)table->shift;

        if (id % threads != me || table->touched[id] == t->at.step + 1)
            continue;
        table->touched[id] = t->at.step + 1;
        adam_rows(&t->adam, t->p, t->pairs->grad, table->tensor, row, 1);
        memset(grad + row * p->cols, 0, (size_t)p->cols * sizeof *grad);
    }
}

double cf_pairs_step(struct cf_trainer *t)
{
    struct cf_pairs *b = t->pairs;
    const struct cf_table tables[] = {
        { 0, 0, b->user, NULL, b->dx, t->o.batch, 1, b->touched[0] },
        { 1, 1, b->drawn, b->coefficient, b->x, (long)t->o.batch * b->each, b->each,
          b->touched[1] },
    };
    double loss = 0;

    adam_begin(&t->adam);
#pragma omp parallel
    {
#pragma omp for schedule(static)
        for (int i = 0; i < blocks_of(t); i++)
            b->loss[i] = block_step(t, i * PAIRS_AT_ONCE);
        for (int i = 0; i < 2; i++)
            table_share(t, &tables[i]);
    }
    for (int i = 0; i < blocks_of(t); i++)
        loss += b->loss[i];
    return loss;
}
