/* One batch by several ranks (ranks/ranks.h): each takes blocks of rows through both
 * towers and back.  The gradient of a weight is one product over all rows, so what the
 * ranks give each other are the rows that it is made of; each then has all of them and
 * computes the bits of one rank. */
#include "align/align_parts.h"
#include "ranks/ranks.h"
#include "util/mem.h"

#include <stdlib.h>

void align_ranks_blocks(int n, int *from, int *to)
{
    int blocks = align_shares(n);

    *from = (int)ranks_from(ranks_mine(), blocks);
    *to = (int)ranks_from(ranks_mine() + 1, blocks);
}

/* Rows of y (width), from row `base` on, of which each rank has those of its blocks that
 * are among the first `rows`. */
static void give(real *y, int n, int base, int rows, int width)
{
    int blocks = align_shares(n);
    long *first = mem_new((size_t)ranks_count() + 1, sizeof *first);

    for (int r = 0; r <= ranks_count(); r++) {
        int i = (int)ranks_from(r, blocks);
        int row = i < blocks ? align_block_from(n, i) : 2 * n;

        first[r] = row < rows ? row : rows;
    }
    if (rows > 0)
        ranks_gather(y + (long)base * width, (size_t)width * sizeof *y, first);
    free(first);
}

void align_ranks_losses(const struct align *m, struct align_work *w, int n)
{
    int blocks = align_shares(n), out = m->item.layers, joint = m->item.shape.joint;
    long *first = mem_new((size_t)ranks_count() + 1, sizeof *first);

    for (int r = 0; r <= ranks_count(); r++)
        first[r] = ranks_from(r, blocks);
    ranks_gather(w->part, sizeof *w->part, first);
    free(first);
    if (align_matches(m) && m->o.match->whole) {
        give(w->item.z[m->item.middle], n, 0, align_item_rows(m, n), joint);
        give(w->text.z[m->text.middle], n, 0, align_text_rows(m, n), joint);
    }
    if (m->o.rec_loss->whole && w->item.decoded)
        give(w->item.z[out], n, 0, align_item_rows(m, n), m->item.shape.in);
    if (m->o.rec_loss->whole && align_decodes_text(m))
        give(w->item.z[out], n, 2 * n, 2 * n, m->item.shape.in);
}

/* What the gradients of layers [begin, end) read: a layer's input, but for what the batch
 * itself says, and the gradient of its output. */
static void give_layers(const struct tower *t, struct tower_tape *k, int begin, int end,
                        int n, int base, int rows)
{
    for (int l = begin; l < end; l++) {
        if (l > 0)
            give(k->z[l], n, base, rows, t->width[l]);
        give(k->d[l + 1], n, base, rows, t->width[l + 1]);
    }
}

void align_ranks_gradients(const struct align *m, struct align_work *w, int n)
{
    give_layers(&m->item, &w->item, 0, w->item.decoded ? m->item.layers : m->item.middle,
                n, 0, align_item_rows(m, n));
    give_layers(&m->text, &w->text, 0, w->text.decoded ? m->text.layers : m->text.middle,
                n, 0, align_text_rows(m, n));
    if (align_decodes_text(m))
        give_layers(&m->item, &w->item, m->item.middle, m->item.layers, n, 2 * n, 2 * n);
}
