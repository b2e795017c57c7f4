#include "cf/cf_shared.h"

#include "cf/cf_batch.h"
#include "cf/item_loss.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLAB_NUMBERS = 1 << 22, /* of scores held at a time */
    BLOCKS_LEAST = 8,       /* of windows beside each other, whatever that takes */
};

struct cf_shared *cf_shared_new(const struct cf_trainer *t, int blocks)
{
    const struct backbone_shape *shape = &t->model.backbone.shape;
    struct cf_shared *s = mem_new(1, sizeof *s);
    long rows = t->model.backbone.kind->windows_at_once * (shape->maxlen + 1L), fit;

    s->n = t->o.negatives < shape->items ? t->o.negatives : shape->items;
    s->item = mem_new(2 * (size_t)s->n, sizeof *s->item);
    s->place = s->item + s->n;
    s->at = mem_new((size_t)shape->items, sizeof *s->at);
    for (int i = 0; i < shape->items; i++)
        s->at[i] = -1;
    s->E = mem_new(2 * (size_t)s->n * (size_t)shape->width, sizeof *s->E);
    s->dE = s->E + (long)s->n * shape->width;
    fit = SLAB_NUMBERS / (rows * s->n);
    s->blocks = fit > BLOCKS_LEAST ? (int)fit : BLOCKS_LEAST;
    if (s->blocks > blocks)
        s->blocks = blocks;
    s->slab = mem_new((size_t)s->blocks * (size_t)rows * (size_t)s->n, sizeof *s->slab);
    return s;
}

void cf_shared_free(struct cf_shared *s)
{
    if (!s)
        return;
    free(s->item), free(s->at), free(s->E), free(s->slab);
    free(s);
}

void cf_shared_draw(struct cf_trainer *t)
{
    struct cf_shared *s = t->inner->shared;
    const struct backbone *m = &t->model.backbone;
    rng r = rng_keyed("cf-train shared", t->o.seed, (uint64_t)t->at.step, 0);
    size_t row = (size_t)m->shape.width * sizeof *s->E;

    for (int j = 0; j < s->n; j++)
        s->at[s->item[j]] = -1;
    for (int j = 0; j < s->n; j++) {
        do
            s->item[j] = (int32_t)rng_below(&r, (uint64_t)m->shape.items);
        while (s->at[s->item[j]] >= 0);
        s->at[s->item[j]] = j;
        memcpy(s->E + (long)j * m->shape.width, backbone_item(m, s->item[j]), row);
    }
    memcpy(s->place, s->item, (size_t)s->n * sizeof *s->place);
    memset(s->dE, 0, (size_t)s->n * row);
}

/* Leaves the user's own items out of scores (rows, n), which are of window w. */
static void leave_out(const struct cf_shared *s, const struct cf_trainer *t, real *scores,
                      int w)
{
    const struct cf_training *b = t->inner;
    int user = b->user[w], rows = b->start[w + 1] - b->start[w];

    for (int64_t i = t->lists.first[user]; i < t->lists.first[user + 1]; i++) {
        int at = s->at[t->lists.item[i]];

        for (int row = 0; at >= 0 && row < rows; row++)
            scores[(long)row * s->n + at] = -INFINITY;
    }
}

double cf_shared_loss(const struct cf_trainer *t, int from, int to, int first)
{
    struct cf_training *b = t->inner;
    const struct cf_shared *s = b->shared;
    const struct backbone_shape *shape = &t->model.backbone.shape;
    int d = shape->width, row = b->start[from], rows = b->start[to] - row;
    double weight = item_loss_gbce_weight(s->n, shape->items, t->o.gbce_t);
    real *scores = s->slab + (long)(row - first) * s->n;
    long at = (long)row * d;

    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, s->n, d, 1, b->out + at, d,
              s->E, d, 0, scores, s->n);
    for (int w = from; w < to; w++)
        leave_out(s, t, scores + (long)(b->start[w] - row) * s->n, w);
    return item_loss_shared(b->d_out + at, b->out + at, b->target + row, rows,
                            backbone_item(&t->model.backbone, 0), s->E, s->n, d, weight,
                            log(s->n), 1.0 / b->targets, scores, b->coefficient + row);
}

void cf_shared_scatter(const struct cf_trainer *t, int first, int rows)
{
    const struct cf_shared *s = t->inner->shared;
    int d = t->model.backbone.shape.width;

    item_loss_shared_scatter(s->dE, s->slab, t->inner->out + (long)first * d, rows, s->n,
                             d);
}
