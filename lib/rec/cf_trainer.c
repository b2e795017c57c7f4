#include "rec/cf_trainer.h"

#include "models/item_loss.h"
#include "rec/cf_batch.h"
#include "util/mem.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

static int window_blocks(int batch)
{
    return (batch + SASREC_WINDOWS_AT_ONCE - 1) / SASREC_WINDOWS_AT_ONCE;
}

static int negatives(const struct cf_options *o)
{
    return o->loss == CF_GBCE ? o->negatives : 1;
}

/* Everything of a step that has a size. */
static void make_room(struct cf_training *b, const struct cf_options *o,
                      const struct sasrec *m)
{
    size_t batch = (size_t)o->batch, rows = batch * ((size_t)o->maxlen + 1);
    size_t items = (size_t)m->shape.items, each = (size_t)negatives(o) + 1;

    b->window = mem_new(batch * (size_t)o->maxlen, sizeof *b->window);
    b->length = mem_new(batch, sizeof *b->length);
    b->next = mem_new(batch, sizeof *b->next);
    b->user = mem_new(batch, sizeof *b->user);
    b->input = mem_new(rows, sizeof *b->input);
    b->target = mem_new(rows, sizeof *b->target);
    b->drawn = mem_new(rows * each, sizeof *b->drawn);
    b->coefficient = mem_new(rows * each, sizeof(real));
    b->seen = mem_new((size_t)omp_get_max_threads() * ((items + 63) / 64), 8);
    b->grad = params_arena(&m->p);
    b->block_grad = mem_new((size_t)window_blocks(o->batch) *
                                (size_t)m->dense, sizeof(real));
    if (o->loss == CF_SOFTMAX)
        b->slab = mem_new((size_t)item_softmax_slab(m->shape.items), sizeof(real));
    sasrec_tape_new(&b->tape, m, o->batch);
}

int cf_trainer_new(struct cf_trainer *t, const struct cf_options *o,
                   const struct history *h, struct error *e)
{
    struct sasrec_shape shape = { h->items, o->width, o->maxlen, o->blocks, o->heads };

    *t = (struct cf_trainer){ .o = *o, .h = h, .inner = mem_new(1, sizeof *t->inner) };
    cf_batch_lists(t->inner, h, o->hide_last);
    if (t->inner->eligibles == 0)
        return fail(e, "no user has two training items%s",
                    o->hide_last > 0 ? " beside the hidden ones" : "");
    if (sasrec_new(&t->model, shape, e) != 0)
        return -1;
    sasrec_init(&t->model, o->seed);
    adam_new(&t->adam, &t->model.p, o->lr, o->beta1, o->beta2, 1e-8);
    make_room(t->inner, o, &t->model);
    t->best = params_arena(&t->model.p);
    t->steps_an_epoch = h->users / o->batch > 1 ? h->users / o->batch : 1;
    return 0;
}

void cf_trainer_free(struct cf_trainer *t)
{
    struct cf_training *b = t->inner;

    free(b->item), free(b->first), free(b->eligible);
    free(b->window), free(b->length), free(b->user), free(b->next);
    free(b->input), free(b->target);
    free(b->drawn), free(b->coefficient), free(b->seen), free(b->grad);
    free(b->block_grad), free(b->slab);
    sasrec_tape_free(&b->tape);
    free(b);
    adam_free(&t->adam);
    free(t->best);
    sasrec_free(&t->model);
}

static void forward_all(struct cf_trainer *t)
{
    int batch = t->o.batch;

#pragma omp parallel for schedule(dynamic)
    for (int w = 0; w < batch; w += SASREC_WINDOWS_AT_ONCE)
        sasrec_forward(&t->model, &t->inner->tape, w,
                       w + SASREC_WINDOWS_AT_ONCE < batch ? w + SASREC_WINDOWS_AT_ONCE
                                                          : batch);
}

/* Gradients of all but the item embeddings, blocks merged in order. */
static void backward_all(struct cf_trainer *t)
{
    struct cf_training *b = t->inner;
    long size = t->model.dense;
    int batch = t->o.batch, blocks = window_blocks(batch);

#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < blocks; i++) {
        int from = i * SASREC_WINDOWS_AT_ONCE, to = from + SASREC_WINDOWS_AT_ONCE;
        real *dense = b->block_grad + i * size;

        memset(dense, 0, (size_t)size * sizeof *dense);
        sasrec_backward(&t->model, &b->tape, dense, from, to < batch ? to : batch);
    }
    for (int i = 0; i < blocks; i++)
        params_merge(b->grad, b->block_grad + i * size, size);
}

static double loss_of_batch(struct cf_trainer *t)
{
    struct cf_training *b = t->inner;
    const struct sasrec_shape *s = &t->model.shape;
    const real *E = sasrec_item(&t->model, 0);
    real *dE = b->grad + t->model.item_emb + s->width;
    double scale = 1.0 / b->targets, weight = 1;

    if (t->o.loss == CF_SOFTMAX)
        return item_softmax(b->tape.d_out, dE, b->tape.out, b->target, b->tape.rows, E,
                            s->items, s->width, scale, b->slab);
    if (t->o.loss == CF_GBCE)
        weight = gbce_weight(t->o.negatives, s->items, t->o.gbce_t);
    return item_sampled(b->tape.d_out, dE, b->tape.out, b->drawn, b->tape.rows,
                        negatives(&t->o), E, s->width, weight, scale, b->coefficient);
}

double cf_trainer_step(struct cf_trainer *t)
{
    struct cf_training *b = t->inner;
    int d = t->model.shape.width;
    double loss;

    cf_batch_draw(b, &t->o, t->model.shape.items, &t->model, (uint64_t)t->at.step);
    memset(b->grad, 0, (size_t)t->model.p.size * sizeof *b->grad);
    forward_all(t);
    loss = loss_of_batch(t);
    backward_all(t);
    item_scatter(b->grad + t->model.item_emb + d, b->input, NULL, b->tape.d_in,
                 b->tape.rows, 1, d);
    adam_step(&t->adam, &t->model.p, b->grad);
    t->at.step++;
    t->at.loss_sum += loss;
    if (t->at.step % t->steps_an_epoch == 0) {
        t->at.loss = t->at.loss_sum / t->steps_an_epoch;
        t->at.loss_sum = 0;
    }
    return loss;
}

/* 1 / log2(1 + rank) of the target among all items but the user's earlier ones,
 * 0 below rank 10; an equal score ranks above it. */
static double ndcg_10(const struct cf_trainer *t, const real *x, int user, int64_t row,
                      real *score)
{
    const struct history *h = t->h;
    int items = h->items, d = t->model.shape.width, rank = 1;
    real truth;

    real_gemv(CblasRowMajor, CblasNoTrans, items, d, 1,
                         sasrec_item(&t->model, 0), d, x, 1, 0, score, 1);
    truth = score[h->item[row]];
    for (int64_t i = h->first[user]; i < row; i++)
        score[h->item[i]] = -INFINITY;
    score[h->item[row]] = -INFINITY;
    for (int i = 0; i < items; i++)
        rank += score[i] >= truth;
    return rank <= 10 ? 1 / log2(1.0 + rank) : 0;
}

double cf_trainer_validate(const struct cf_trainer *t)
{
    const struct history *h = t->h;
    int maxlen = t->model.shape.maxlen, d = t->model.shape.width;
    int32_t *window = mem_new((size_t)h->users * (size_t)maxlen, sizeof *window);
    int *length = mem_new((size_t)h->users, sizeof *length);
    real *x = mem_new((size_t)h->users * (size_t)d, sizeof *x);
    double *ndcg = mem_new((size_t)h->users, sizeof *ndcg), sum = 0;
    long n = 0;

    for (int u = 0; u < h->users; u++) {
        int64_t row = history_target(h, u, SPLIT_VALID);

        if (row >= 0)
            length[u] = history_window(h, u, row, SPLIT_VALID, maxlen,
                                       window + (long)u * maxlen);
    }
    sasrec_represent(&t->model, x, window, length, h->users);
#pragma omp parallel
    {
        real *score = mem_new((size_t)h->items, sizeof *score);

#pragma omp for schedule(dynamic, 16)
        for (int u = 0; u < h->users; u++)
            if (length[u] > 0)
                ndcg[u] = ndcg_10(t, x + (long)u * d, u, history_target(h, u, SPLIT_VALID),
                                  score);
        free(score);
    }
    for (int u = 0; u < h->users; u++) {
        sum += ndcg[u];
        n += length[u] > 0;
    }
    free(window), free(length), free(x), free(ndcg);
    return n > 0 ? sum / (double)n : NAN;
}

void cf_trainer_sections(struct cf_trainer *t, struct checkpoint_section *s)
{
    size_t arena = (size_t)t->model.p.size * sizeof(real);

    s[0] = (struct checkpoint_section){ "weights", t->model.p.values, arena };
    s[1] = (struct checkpoint_section){ "adam moments", t->adam.m, 2 * arena };
    s[2] = (struct checkpoint_section){ "adam step", &t->adam.step, sizeof t->adam.step };
    s[3] = (struct checkpoint_section){ "progress", &t->at, sizeof t->at };
    s[4] = (struct checkpoint_section){ "best weights", t->best, arena };
}
