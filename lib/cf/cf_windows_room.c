/* What training a sequence model needs before its first step, and gives back. */
#include "cf/cf_windows.h"

#include "cf/cf_batch.h"
#include "cf/cf_kind.h"
#include "cf/item_loss.h"
#include "util/mem.h"
#include "util/rng.h"

#include <omp.h>
#include <stdlib.h>

/* The gradient, of the whole table of items or of the rows that a step touches, at most
 * `touched`; and what draws of negatives need of it. */
static void make_room_table(struct cf_training *b, const struct cf_trainer *t,
                            size_t touched)
{
    const struct backbone *m = &t->model.backbone;
    size_t items = (size_t)m->shape.items;

    if (t->o.shared)
        b->shared = cf_shared_new(t, cf_batch_blocks(t));
    else
        b->seen = mem_new((size_t)omp_get_max_threads() * ((items + 63) / 64), 8);
    b->table = m->p.size - m->item_emb;
    b->first = m->shape.width;
    if (t->o.sparse) {
        cf_touched_new(&b->touched, (long)items,
                       (long)touched + (b->shared ? b->shared->n : 0));
        b->table = b->touched.room * m->shape.width;
        b->first = 0;
    }
    b->grad = mem_new((size_t)(m->item_emb + b->table), sizeof(real));
}

/* Everything of a step that has a size. */
static void make_room(struct cf_training *b, const struct cf_trainer *t)
{
    const struct backbone *m = &t->model.backbone;
    const struct cf_options *o = &t->o;
    size_t batch = (size_t)o->batch, rows = batch * ((size_t)o->maxlen + 1);
    size_t each = (size_t)cf_batch_each(o) + 1;
    size_t numbers = rows * (size_t)o->width, blocks = (size_t)cf_batch_blocks(t);

    b->window = mem_new(batch * (size_t)o->maxlen, sizeof *b->window);
    b->length = mem_new(batch, sizeof *b->length);
    b->next = mem_new(batch, sizeof *b->next);
    b->user = mem_new(batch, sizeof *b->user);
    b->start = mem_new(batch + 1, sizeof *b->start);
    b->input = mem_new(rows, sizeof *b->input);
    b->target = mem_new(rows, sizeof *b->target);
    b->drawn = mem_new(rows * each, sizeof *b->drawn);
    b->coefficient = mem_new(rows * each, sizeof(real));
    make_room_table(b, t, rows * (each + 1));
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

/* Draws the items' initial vectors with the deviation that was asked for. */
static void draw_items(struct backbone *m, const struct cf_options *o)
{
    rng r = rng_keyed("cf-train items", o->seed, 0, 0);

    for (long i = m->item_emb; i < m->p.size; i++)
        m->p.values[i] = (real)(o->item_std * rng_normal(&r));
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
    if (o->item_std > 0)
        draw_items(&t->model.backbone, o);
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
    cf_touched_free(&b->touched);
    cf_shared_free(b->shared);
    for (int i = 0; i < b->tapes; i++)
        backbone_tape_free(&b->tape[i]);
    free(b->tape);
    free(b);
}
