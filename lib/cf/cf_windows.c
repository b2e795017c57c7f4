#include "cf/cf_windows.h"

#include "cf/cf_batch.h"
#include "cf/cf_kind.h"
#include "cf/item_loss.h"

#include <omp.h>
#include <string.h>

enum { NUMBERS_AT_ONCE = 1024 }; /* of the merged gradient */

/* Windows from .. to - 1 of the batch, and their rows. */
struct block {
    int index, from, to, row, rows;
    struct backbone_tape *tape;
};

static struct block block_at(const struct cf_trainer *t, int i)
{
    struct cf_training *b = t->inner;
    int each = t->model.backbone.kind->windows_at_once, from = i * each, to = from + each;

    to = to < t->o.batch ? to : t->o.batch;
    return (struct block){
        i, from, to, b->start[from], b->start[to] - b->start[from],
        &b->tape[b->tapes == cf_batch_blocks(t) ? i : omp_get_thread_num()],
    };
}

static void forward(const struct cf_trainer *t, const struct block *k)
{
    struct cf_training *b = t->inner;
    long d = t->model.backbone.shape.width;

    k->tape->first = k->from;
    backbone_tape_batch(k->tape, b->window + (long)k->from * t->o.maxlen,
                        b->length + k->from, k->to - k->from, t->o.dropout, t->o.seed,
                        (uint64_t)t->at.step);
    backbone_forward(&t->model.backbone, k->tape, 0, k->to - k->from);
    memcpy(b->out + k->row * d, k->tape->out, (size_t)(k->rows * d) * sizeof(real));
}

/* Gradients of all but the item embeddings in the block's own arena. */
static void backward(const struct cf_trainer *t, const struct block *k)
{
    struct cf_training *b = t->inner;
    long d = t->model.backbone.shape.width, size = t->model.backbone.dense;
    real *dense = b->block_grad + k->index * size;

    memset(dense, 0, (size_t)size * sizeof *dense);
    memcpy(k->tape->d_out, b->d_out + k->row * d, (size_t)(k->rows * d) * sizeof(real));
    backbone_backward(&t->model.backbone, k->tape, dense, 0, k->to - k->from);
    memcpy(b->d_in + k->row * d, k->tape->d_in, (size_t)(k->rows * d) * sizeof(real));
}

static double sampled_loss(const struct cf_trainer *t, const struct block *k)
{
    struct cf_training *b = t->inner;
    const struct backbone_shape *s = &t->model.backbone.shape;
    int each = cf_batch_each(&t->o);
    long at = (long)k->row * s->width, first = (long)k->row * (each + 1);
    double weight = 1;

    if (t->o.loss == CF_GBCE)
        weight = item_loss_gbce_weight(each, s->items, t->o.gbce_t);
    return item_loss_sampled(b->d_out + at, NULL, b->out + at, b->drawn + first, k->rows,
                             each, backbone_item(&t->model.backbone, 0), s->width, weight,
                             1.0 / b->targets, b->coefficient + first);
}

/* BCE and gBCE: all of a block at once. */
static double sampled_step(struct cf_trainer *t)
{
    struct cf_training *b = t->inner;
    double sum = 0;
    int from, to;

    cf_ranks_share(0, cf_batch_blocks(t), &from, &to);
#pragma omp parallel for schedule(dynamic)
    for (int i = from; i < to; i++) {
        struct block k = block_at(t, i);

        cf_batch_negatives(b, &t->lists, &t->o, t->model.backbone.shape.items,
                           (uint64_t)t->at.step, k.from, k.to);
        forward(t, &k);
        b->loss[i] = sampled_loss(t, &k);
        backward(t, &k);
    }
    cf_ranks_forward(t, 0, cf_batch_blocks(t));
    cf_ranks_backward(t, 0, cf_batch_blocks(t), cf_batch_each(&t->o) + 1);
    for (int i = 0; i < cf_batch_blocks(t); i++)
        sum += b->loss[i];
    return sum;
}

static double softmax_step(struct cf_trainer *t, real *dE)
{
    struct cf_training *b = t->inner;
    const struct backbone_shape *s = &t->model.backbone.shape;
    double loss;
    int from, to;

    cf_ranks_share(0, cf_batch_blocks(t), &from, &to);
#pragma omp parallel for schedule(dynamic)
    for (int i = from; i < to; i++) {
        struct block k = block_at(t, i);

        forward(t, &k);
    }
    cf_ranks_forward(t, 0, cf_batch_blocks(t));
    loss = item_loss_softmax(b->d_out, dE, b->out, b->target, b->rows,
                             backbone_item(&t->model.backbone, 0), s->items, s->width,
                             1.0 / b->targets, b->slab);
#pragma omp parallel for schedule(dynamic)
    for (int i = from; i < to; i++) {
        struct block k = block_at(t, i);

        backward(t, &k);
    }
    cf_ranks_backward(t, 0, cf_batch_blocks(t), 0);
    return loss;
}

/* Blocks from .. to - 1, as many as the slab holds, and their gradient of the negatives.
 */
static void shared_blocks(struct cf_trainer *t, int from, int to)
{
    struct cf_training *b = t->inner;
    int first = b->start[block_at(t, from).from], end = b->start[block_at(t, to - 1).to];
    int mine, next;

    cf_ranks_share(from, to, &mine, &next);
#pragma omp parallel for schedule(dynamic)
    for (int i = mine; i < next; i++) {
        struct block k = block_at(t, i);

        forward(t, &k);
        b->loss[i] = cf_shared_loss(t, k.from, k.to, first);
        backward(t, &k);
    }
    cf_ranks_forward(t, from, to);
    cf_ranks_backward(t, from, to, 1);
    cf_ranks_rows(t, b->shared->slab, (size_t)b->shared->n * sizeof(real), from, to);
    cf_shared_scatter(t, first, end - first);
}

/* gBCE with negatives of a step: some blocks at once. */
static double shared_step(struct cf_trainer *t)
{
    struct cf_training *b = t->inner;
    int blocks = cf_batch_blocks(t), each = b->shared->blocks;
    double sum = 0;

    cf_shared_draw(t);
    memcpy(b->drawn, b->target, (size_t)b->rows * sizeof *b->drawn);
    for (int i = 0; i < blocks; i += each)
        shared_blocks(t, i, i + each < blocks ? i + each : blocks);
    for (int i = 0; i < blocks; i++)
        sum += b->loss[i];
    return sum;
}

/* The blocks' gradients added in their order, numbers from .. to - 1. */
static void merge(struct cf_trainer *t, long from, long to)
{
    struct cf_training *b = t->inner;

    memcpy(b->grad + from, b->block_grad + from, (size_t)(to - from) * sizeof(real));
    for (int i = 1; i < cf_batch_blocks(t); i++)
        params_merge(b->grad + from, b->block_grad + i * t->model.backbone.dense + from,
                     to - from);
}

/* Items become their places among the rows that the step touches. */
static void place(struct cf_training *b, int each)
{
    cf_touched_clear(&b->touched);
    if (b->shared)
        cf_touched_add(&b->touched, b->shared->place, b->shared->n);
    cf_touched_add(&b->touched, b->drawn, (long)b->rows * each);
    cf_touched_add(&b->touched, b->input, b->rows);
}

/* Adds to dE what the inputs and, but for softmax, the sampled items give it. */
static void scatter(struct cf_trainer *t, real *dE)
{
    struct cf_training *b = t->inner;
    int d = t->model.backbone.shape.width, each = cf_batch_each(&t->o) + 1;

    if (t->o.loss != CF_SOFTMAX)
        item_loss_scatter_share(dE, b->drawn, b->coefficient, b->out,
                                (long)b->rows * each, each, d);
    if (b->shared)
        item_loss_scatter_share(dE, b->shared->place, NULL, b->shared->dE, b->shared->n,
                                1, d);
    item_loss_scatter_share(dE, b->input, NULL, b->d_in, b->rows, 1, d);
}

/* Every thread of a team calls it. */
static void update(const struct cf_trainer *t, const real *dE)
{
    const struct cf_training *b = t->inner;
    int table = t->p->count - 1;

    if (t->o.sparse) {
        adam_share_first(&t->adam, t->p, b->grad, table);
        adam_scattered(&t->adam, t->p, dE, table, 1, b->touched.row, b->touched.count);
    } else {
        adam_share(&t->adam, t->p, b->grad);
    }
}

double cf_windows_step(struct cf_trainer *t)
{
    struct cf_training *b = t->inner;
    const struct backbone *m = &t->model.backbone;
    real *dE = b->grad + m->item_emb + b->first;
    double loss;

    cf_batch_draw(b, &t->lists, &t->o, (uint64_t)t->at.step);
    if (!t->o.sparse)
        memset(b->grad + m->item_emb, 0, (size_t)b->table * sizeof(real));
    loss = t->o.loss == CF_SOFTMAX ? softmax_step(t, dE)
           : t->o.shared           ? shared_step(t)
                                   : sampled_step(t);
    if (t->o.sparse) {
        place(b, cf_batch_each(&t->o) + 1);
        memset(dE, 0, (size_t)b->touched.count * (size_t)m->shape.width * sizeof *dE);
    }
    adam_begin(&t->adam);
#pragma omp parallel
    {
        scatter(t, dE);
#pragma omp for schedule(static)
        for (long i = 0; i < m->dense; i += NUMBERS_AT_ONCE)
            merge(t, i, i + NUMBERS_AT_ONCE < m->dense ? i + NUMBERS_AT_ONCE : m->dense);
        update(t, dE);
    }
    return loss;
}
