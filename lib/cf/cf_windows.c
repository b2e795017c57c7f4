#include "cf/cf_windows.h"

#include "cf/cf_batch.h"
#include "cf/cf_kind.h"
#include "cf/item_loss.h"
#include "util/mem.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS_AT_ONCE = 1024 }; /* of the merged gradient */

/* Blocks of windows in a batch. */
static int blocks_of(const struct cf_trainer *t)
{
    int each = t->model.backbone.kind->windows_at_once;

    return (t->o.batch + each - 1) / each;
}

/* Everything of a step that has a size. */
static void make_room(struct cf_training *b, const struct cf_trainer *t)
{
    const struct backbone *m = &t->model.backbone;
    const struct cf_options *o = &t->o;
    size_t batch = (size_t)o->batch, rows = batch * ((size_t)o->maxlen + 1);
    size_t items = (size_t)m->shape.items, each = (size_t)cf_batch_each(o) + 1;
    size_t numbers = rows * (size_t)o->width, blocks = (size_t)blocks_of(t);

    b->window = mem_new(batch * (size_t)o->maxlen, sizeof *b->window);
    b->length = mem_new(batch, sizeof *b->length);
    b->next = mem_new(batch, sizeof *b->next);
    b->user = mem_new(batch, sizeof *b->user);
    b->start = mem_new(batch + 1, sizeof *b->start);
    b->input = mem_new(rows, sizeof *b->input);
    b->target = mem_new(rows, sizeof *b->target);
    b->drawn = mem_new(rows * each, sizeof *b->drawn);
    b->coefficient = mem_new(rows * each, sizeof(real));
    b->seen = mem_new((size_t)omp_get_max_threads() * ((items + 63) / 64), 8);
    b->grad = params_arena(&m->p);
    b->block_grad = mem_new(blocks * (size_t)m->dense, sizeof(real));
    b->loss = mem_new(blocks, sizeof *b->loss);
    b->out = mem_new(3 * numbers, sizeof(real));
    b->d_out = b->out + numbers;
    b->d_in = b->d_out + numbers;
    if (o->loss == CF_SOFTMAX)
        b->slab = mem_new((size_t)item_loss_softmax_slab(m->shape.items), sizeof(real));
    b->tapes = o->loss == CF_SOFTMAX ? (int)blocks : omp_get_max_threads();
    b->tape = mem_new((size_t)b->tapes, sizeof *b->tape);
    for (int i = 0; i < b->tapes; i++)
        backbone_tape_new(&b->tape[i], m, m->kind->windows_at_once);
}

int cf_windows_new(struct cf_trainer *t, struct error *e)
{
    const struct cf_options *o = &t->o;
    const struct backbone_kind *kind = t->model.kind->backbone;
    struct backbone_shape shape = { .items = t->h->items, .width = o->width,
                                    .maxlen = o->maxlen };

    kind->choose(&shape, o);
    t->inner = mem_new(1, sizeof *t->inner);
    cf_batch_eligible(t->inner, &t->lists, t->h->users);
    if (t->inner->eligibles == 0)
        return fail(e, "no user has two training items%s",
                    o->hide_last > 0 ? " beside the hidden ones" : "");
    if (backbone_new(&t->model.backbone, kind, shape, e) != 0)
        return -1;
    t->model.width = o->width;
    backbone_init(&t->model.backbone, o->seed);
    make_room(t->inner, t);
    return 0;
}

void cf_windows_free(struct cf_trainer *t)
{
    struct cf_training *b = t->inner;

    if (!b)
        return;
    free(b->eligible);
    free(b->window), free(b->length), free(b->user), free(b->next), free(b->start);
    free(b->input), free(b->target), free(b->out), free(b->loss);
    free(b->drawn), free(b->coefficient), free(b->seen), free(b->grad);
    free(b->block_grad), free(b->slab);
    for (int i = 0; i < b->tapes; i++)
        backbone_tape_free(&b->tape[i]);
    free(b->tape);
    free(b);
}

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
        &b->tape[b->tapes == blocks_of(t) ? i : omp_get_thread_num()],
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

#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < blocks_of(t); i++) {
        struct block k = block_at(t, i);

        cf_batch_negatives(b, &t->lists, &t->o, t->model.backbone.shape.items,
                           (uint64_t)t->at.step, k.from, k.to);
        forward(t, &k);
        b->loss[i] = sampled_loss(t, &k);
        backward(t, &k);
    }
    for (int i = 0; i < blocks_of(t); i++)
        sum += b->loss[i];
    return sum;
}

static double softmax_step(struct cf_trainer *t, real *dE)
{
    struct cf_training *b = t->inner;
    const struct backbone_shape *s = &t->model.backbone.shape;
    double loss;

#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < blocks_of(t); i++) {
        struct block k = block_at(t, i);

        forward(t, &k);
    }
    loss = item_loss_softmax(b->d_out, dE, b->out, b->target, b->rows,
                             backbone_item(&t->model.backbone, 0), s->items, s->width,
                             1.0 / b->targets, b->slab);
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < blocks_of(t); i++) {
        struct block k = block_at(t, i);

        backward(t, &k);
    }
    return loss;
}

/* The blocks' gradients added in their order, numbers from .. to - 1. */
static void merge(struct cf_trainer *t, long from, long to)
{
    struct cf_training *b = t->inner;

    memcpy(b->grad + from, b->block_grad + from, (size_t)(to - from) * sizeof(real));
    for (int i = 1; i < blocks_of(t); i++)
        params_merge(b->grad + from, b->block_grad + i * t->model.backbone.dense + from,
                     to - from);
}

/* Adds to dE what the inputs and, but for softmax, the sampled items give it. */
static void scatter(struct cf_trainer *t, real *dE)
{
    struct cf_training *b = t->inner;
    int d = t->model.backbone.shape.width, each = cf_batch_each(&t->o) + 1;

    if (t->o.loss != CF_SOFTMAX)
        item_loss_scatter_share(dE, b->drawn, b->coefficient, b->out,
                                (long)b->rows * each, each, d);
    item_loss_scatter_share(dE, b->input, NULL, b->d_in, b->rows, 1, d);
}

double cf_windows_step(struct cf_trainer *t)
{
    struct cf_training *b = t->inner;
    const struct backbone *m = &t->model.backbone;
    real *dE = b->grad + m->item_emb + m->shape.width;
    double loss;

    cf_batch_draw(b, &t->lists, &t->o, (uint64_t)t->at.step);
    memset(b->grad + m->item_emb, 0, (size_t)(m->p.size - m->item_emb) * sizeof(real));
    loss = t->o.loss == CF_SOFTMAX ? softmax_step(t, dE) : sampled_step(t);
    adam_begin(&t->adam);
#pragma omp parallel
    {
        scatter(t, dE);
#pragma omp for schedule(static)
        for (long i = 0; i < m->dense; i += NUMBERS_AT_ONCE)
            merge(t, i, i + NUMBERS_AT_ONCE < m->dense ? i + NUMBERS_AT_ONCE : m->dense);
        adam_share(&t->adam, t->p, b->grad);
    }
    return loss;
}
