/* Matrix factorisation by BPR: the users' vectors of a batch are rows that should score
 * their item above the drawn ones. */
#include "cf/cf_pairs.h"

#include "cf/item_loss.h"
#include "util/mem.h"

#include <string.h>

int cf_pairs_mf_new(struct cf_trainer *t, struct error *e)
{
    struct cf_pairs *b = t->pairs;
    size_t batch = (size_t)t->o.batch, d = (size_t)t->o.width;

    if (mf_new(&t->model.mf, t->h->users, t->h->items, t->o.width, e) != 0)
        return -1;
    t->model.width = t->o.width;
    mf_init(&t->model.mf, t->o.seed);
    b->x = mem_new(batch * d, sizeof *b->x);
    b->dx = mem_new(batch * d, sizeof *b->dx);
    b->coefficient = mem_new(batch * (size_t)b->each, sizeof *b->coefficient);
    b->tables = 2;
    b->table[0] = (struct cf_table){ .tensor = 0, .is_of_users = true, .id = b->user,
                                     .rows = b->dx, .n = t->o.batch, .each = 1 };
    b->table[1] = (struct cf_table){ .tensor = 1, .shift = 1, .id = b->drawn,
                                     .coefficient = b->coefficient, .rows = b->x,
                                     .n = (long)t->o.batch * b->each, .each = b->each };
    return 0;
}

void cf_pairs_mf_block(struct cf_trainer *t, int index, int from, int to)
{
    struct cf_pairs *b = t->pairs;
    const struct mf *m = &t->model.mf;
    long d = m->width;

    for (int i = from; i < to; i++)
        memcpy(b->x + i * d, mf_user(m, b->user[i]), (size_t)d * sizeof *b->x);
    b->loss[index] = item_loss_bpr(
        b->dx + from * d, b->x + from * d, b->drawn + (long)from * b->each, to - from,
        b->each - 1, mf_item(m, 0), m->width, 1.0 / (t->o.batch * (b->each - 1)),
        b->coefficient + (long)from * b->each);
}
