#include "rec/cf_step.h"

#include "models/item_loss.h"
#include "rec/cf_batch.h"

#include <omp.h>
#include <string.h>

enum { NUMBERS_AT_ONCE = 1024 }; /* of the merged gradient */

int cf_blocks(const struct cf_options *o)
{
    return (o->batch + SASREC_WINDOWS_AT_ONCE - 1) / SASREC_WINDOWS_AT_ONCE;
}

int cf_negatives(const struct cf_options *o)
{
    return o->loss == CF_GBCE ? o->negatives : 1;
}

/* Windows from .. to - 1 of the batch, and their rows. */
struct block {
    int index, from, to, row, rows;
    struct sasrec_tape *tape;
};

static struct block block_at(const struct cf_trainer *t, int i)
{
    struct cf_training *b = t->inner;
    int from = i * SASREC_WINDOWS_AT_ONCE, to = from + SASREC_WINDOWS_AT_ONCE;

    to = to < t->o.batch ? to : t->o.batch;
    return (struct block){
        i, from, to, b->start[from], b->start[to] - b->start[from],
        &b->tape[b->tapes == cf_blocks(&t->o) ? i : omp_get_thread_num()],
    };
}

static void forward(const struct cf_trainer *t, const struct block *k)
{
    struct cf_training *b = t->inner;
    long d = t->model.shape.width;

    k->tape->first = k->from;
    sasrec_batch(k->tape, &t->model, b->window + (long)k->from * t->o.maxlen,
                 b->length + k->from, k->to - k->from, t->o.dropout, t->o.seed,
                 (uint64_t)t->at.step);
    sasrec_forward(&t->model, k->tape, 0, k->to - k->from);
    memcpy(b->out + k->row * d, k->tape->out, (size_t)(k->rows * d) * sizeof(real));
}

/* Gradients of all but the item embeddings in the block's own arena. */
static void backward(const struct cf_trainer *t, const struct block *k)
{
    struct cf_training *b = t->inner;
    long d = t->model.shape.width, size = t->model.dense;
    real *dense = b->block_grad + k->index * size;

    memset(dense, 0, (size_t)size * sizeof *dense);
    memcpy(k->tape->d_out, b->d_out + k->row * d, (size_t)(k->rows * d) * sizeof(real));
    sasrec_backward(&t->model, k->tape, dense, 0, k->to - k->from);
    memcpy(b->d_in + k->row * d, k->tape->d_in, (size_t)(k->rows * d) * sizeof(real));
}

static double sampled_loss(const struct cf_trainer *t, const struct block *k)
{
    struct cf_training *b = t->inner;
    const struct sasrec_shape *s = &t->model.shape;
    int each = cf_negatives(&t->o);
    long at = (long)k->row * s->width, first = (long)k->row * (each + 1);
    double weight = 1;

    if (t->o.loss == CF_GBCE)
        weight = gbce_weight(each, s->items, t->o.gbce_t);
    return item_sampled(b->d_out + at, NULL, b->out + at, b->drawn + first, k->rows, each,
                        sasrec_item(&t->model, 0), s->width, weight, 1.0 / b->targets,
                        b->coefficient + first);
}

/* BCE and gBCE: all of a block at once. */
static double sampled_step(struct cf_trainer *t)
{
    struct cf_training *b = t->inner;
    double sum = 0;

#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < cf_blocks(&t->o); i++) {
        struct block k = block_at(t, i);

        cf_batch_negatives(b, &t->o, t->model.shape.items, (uint64_t)t->at.step, k.from,
                           k.to);
        forward(t, &k);
        b->loss[i] = sampled_loss(t, &k);
        backward(t, &k);
    }
    for (int i = 0; i < cf_blocks(&t->o); i++)
        sum += b->loss[i];
    return sum;
}

static double softmax_step(struct cf_trainer *t, real *dE)
{
    struct cf_training *b = t->inner;
    const struct sasrec_shape *s = &t->model.shape;
    double loss;

#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < cf_blocks(&t->o); i++) {
        struct block k = block_at(t, i);

        forward(t, &k);
    }
    loss = item_softmax(b->d_out, dE, b->out, b->target, b->rows, sasrec_item(&t->model, 0),
                        s->items, s->width, 1.0 / b->targets, b->slab);
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < cf_blocks(&t->o); i++) {
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
    for (int i = 1; i < cf_blocks(&t->o); i++)
        params_merge(b->grad + from, b->block_grad + i * t->model.dense + from, to - from);
}

/* Adds to dE what the inputs and, but for softmax, the sampled items give it. */
static void scatter(struct cf_trainer *t, real *dE)
{
    struct cf_training *b = t->inner;
    int d = t->model.shape.width, each = cf_negatives(&t->o) + 1;

    if (t->o.loss != CF_SOFTMAX)
        item_scatter_share(dE, b->drawn, b->coefficient, b->out, (long)b->rows * each, each,
                           d);
    item_scatter_share(dE, b->input, NULL, b->d_in, b->rows, 1, d);
}

double cf_step(struct cf_trainer *t)
{
    struct cf_training *b = t->inner;
    const struct sasrec *m = &t->model;
    real *dE = b->grad + m->item_emb + m->shape.width;
    double loss;

    cf_batch_draw(b, &t->o, (uint64_t)t->at.step);
    memset(b->grad + m->item_emb, 0, (size_t)(m->p.size - m->item_emb) * sizeof(real));
    loss = t->o.loss == CF_SOFTMAX ? softmax_step(t, dE) : sampled_step(t);
    adam_begin(&t->adam);
#pragma omp parallel
    {
        scatter(t, dE);
#pragma omp for schedule(static)
        for (long i = 0; i < m->dense; i += NUMBERS_AT_ONCE)
            merge(t, i, i + NUMBERS_AT_ONCE < m->dense ? i + NUMBERS_AT_ONCE : m->dense);
        adam_share(&t->adam, &t->model.p, b->grad);
    }
    return loss;
}
