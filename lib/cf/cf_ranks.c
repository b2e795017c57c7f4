#include "cf/cf_windows.h"

#include "cf/cf_batch.h"
#include "ranks/ranks.h"
#include "util/mem.h"

#include <stdlib.h>

void cf_ranks_share(int first, int end, int *from, int *to)
{
    *from = first + (int)ranks_from(ranks_mine(), end - first);
    *to = first + (int)ranks_from(ranks_mine() + 1, end - first);
}

/* The first row of block i; of the block after the last, the number of rows. */
static long row_of(const struct cf_trainer *t, int i)
{
    int window = i * t->model.backbone.kind->windows_at_once;

    return t->inner->start[window < t->o.batch ? window : t->o.batch];
}

void cf_ranks_rows(const struct cf_trainer *t, void *data, size_t unit, int first,
                   int end)
{
    long *from = mem_new((size_t)ranks_count() + 1, sizeof *from);

    for (int r = 0; r <= ranks_count(); r++)
        from[r] = row_of(t, first + (int)ranks_from(r, end - first)) - row_of(t, first);
    ranks_gather(data, unit, from);
    free(from);
}

/* Likewise of `unit` bytes of each block. */
static void give_blocks(void *data, size_t unit, int first, int end)
{
    long *from = mem_new((size_t)ranks_count() + 1, sizeof *from);

    for (int r = 0; r <= ranks_count(); r++)
        from[r] = ranks_from(r, end - first);
    ranks_gather(data, unit, from);
    free(from);
}

void cf_ranks_forward(const struct cf_trainer *t, int first, int end)
{
    long d = t->o.width;

    cf_ranks_rows(t, t->inner->out + row_of(t, first) * d, (size_t)d * sizeof(real),
                  first, end);
}

void cf_ranks_backward(const struct cf_trainer *t, int first, int end, int each)
{
    struct cf_training *b = t->inner;
    long d = t->o.width, dense = t->model.backbone.dense, row = row_of(t, first);

    cf_ranks_rows(t, b->d_in + row * d, (size_t)d * sizeof(real), first, end);
    give_blocks(b->block_grad + first * dense, (size_t)dense * sizeof(real), first, end);
    give_blocks(b->loss + first, sizeof *b->loss, first, end);
    if (each == 0)
        return;
    cf_ranks_rows(t, b->drawn + row * each, (size_t)each * sizeof *b->drawn, first, end);
    cf_ranks_rows(t, b->coefficient + row * each, (size_t)each * sizeof(real), first,
                  end);
}
