#include "cf/cf_pairs.h"

#include "cf/item_loss.h"
#include "util/mem.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

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

static void make_room(struct cf_pairs *b, const struct cf_trainer *t)
{
    size_t batch = (size_t)t->o.batch;

    b->each = t->o.negatives + 1;
    b->blocks = (t->o.batch + PAIRS_AT_ONCE - 1) / PAIRS_AT_ONCE;
    b->user = mem_new(batch, sizeof *b->user);
    b->drawn = mem_new(batch * (size_t)b->each, sizeof *b->drawn);
    b->loss = mem_new((size_t)b->blocks, sizeof *b->loss);
}

/* A user who has nothing to be trained on keeps no vector of chance; tables of users
 * have as many rows as there are users. */
static void clear_untrained(struct cf_trainer *t, struct params *p)
{
    for (int i = 0; i < t->pairs->tables; i++) {
        const struct cf_table *table = &t->pairs->table[i];
        const struct param *q = &p->list[table->tensor];

        for (int u = 0; table->is_of_users && u < t->h->users; u++)
            if (t->lists.first[u + 1] == t->lists.first[u])
                memset(p->values + q->at + (long)u * q->cols, 0,
                       (size_t)q->cols * sizeof(real));
    }
}

int cf_pairs_new(struct cf_trainer *t, struct error *e)
{
    const struct cf_pairs_kind *kind = t->model.kind->pairs;
    struct cf_pairs *b = t->pairs = mem_new(1, sizeof *t->pairs);
    struct params *p;

    sort_lists(b, &t->lists, t->h->users);
    if (b->n == 0)
        return fail(e, "no user has a training item%s",
                    t->o.hide_last > 0 ? " beside the hidden ones" : "");
    make_room(b, t);
    t->model.own = mem_new(1, kind->size);
    b->own = mem_new(1, kind->room);
    if (kind->begin(t, e) != 0)
        return -1;
    p = kind->params(t->model.own);
    clear_untrained(t, p);
    b->grad = params_arena(p);
    for (int i = 0; i < b->tables; i++)
        b->table[i].touched = mem_new((size_t)p->list[b->table[i].tensor].rows,
                                      sizeof(int64_t));
    return 0;
}

void cf_pairs_free(struct cf_trainer *t)
{
    struct cf_pairs *b = t->pairs;

    if (!b)
        return;
    free(b->owner), free(b->sorted), free(b->user), free(b->drawn);
    free(b->loss), free(b->grad);
    for (int i = 0; i < b->tables; i++)
        free(b->table[i].touched);
    if (b->own)
        t->model.kind->pairs->end(b);
    free(b->own);
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

/* The thread's share of a table: every thread of a team calls it, and owns the ids
 * that leave its remainder.  Gradients are summed in the order of the batch, then
 * each row is changed once. */
static void table_share(struct cf_trainer *t, const struct cf_table *table)
{
    const struct param *p = &t->p->list[table->tensor];
    int threads = omp_get_num_threads(), me = omp_get_thread_num();
    real *grad = t->pairs->grad + p->at;

    item_loss_scatter_share(grad + (long)table->shift * p->cols, table->id,
                            table->coefficient, table->rows, table->n, table->each,
                            p->cols);
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

/* Draws a block, and computes its loss and gradients. */
static void block_step(struct cf_trainer *t, int index)
{
    int from = index * PAIRS_AT_ONCE, to = from + PAIRS_AT_ONCE;

    to = to < t->o.batch ? to : t->o.batch;
    for (int i = from; i < to; i++)
        draw(t, i);
    t->model.kind->pairs->block(t, index, from, to);
}

double cf_pairs_step(struct cf_trainer *t)
{
    struct cf_pairs *b = t->pairs;
    double loss = 0;

    adam_begin(&t->adam);
#pragma omp parallel
    {
#pragma omp for schedule(static)
        for (int i = 0; i < b->blocks; i++)
            block_step(t, i);
        for (int i = 0; i < b->tables; i++)
            table_share(t, &b->table[i]);
        if (t->model.kind->pairs->share)
            t->model.kind->pairs->share(t);
    }
    for (int i = 0; i < b->blocks; i++)
        loss += b->loss[i];
    return loss;
}
