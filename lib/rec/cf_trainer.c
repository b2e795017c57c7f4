#include "rec/cf_trainer.h"

#include "models/item_loss.h"
#include "rec/cf_batch.h"
#include "rec/cf_step.h"
#include "util/mem.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* Everything of a step that has a size. */
static void make_room(struct cf_training *b, const struct cf_options *o,
                      const struct sasrec *m)
{
    size_t batch = (size_t)o->batch, rows = batch * ((size_t)o->maxlen + 1);
    size_t items = (size_t)m->shape.items, each = (size_t)cf_negatives(o) + 1;
    size_t numbers = rows * (size_t)o->width, blocks = (size_t)cf_blocks(o);

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
        b->slab = mem_new((size_t)item_softmax_slab(m->shape.items), sizeof(real));
    b->tapes = o->loss == CF_SOFTMAX ? (int)blocks : omp_get_max_threads();
    b->tape = mem_new((size_t)b->tapes, sizeof *b->tape);
    for (int i = 0; i < b->tapes; i++)
        sasrec_tape_new(&b->tape[i], m, SASREC_WINDOWS_AT_ONCE);
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
    free(b->window), free(b->length), free(b->user), free(b->next), free(b->start);
    free(b->input), free(b->target), free(b->out), free(b->loss);
    free(b->drawn), free(b->coefficient), free(b->seen), free(b->grad);
    free(b->block_grad), free(b->slab);
    for (int i = 0; i < b->tapes; i++)
        sasrec_tape_free(&b->tape[i]);
    free(b->tape);
    free(b);
    adam_free(&t->adam);
    free(t->best);
    sasrec_free(&t->model);
}

double cf_trainer_step(struct cf_trainer *t)
{
    double loss = cf_step(t);

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
