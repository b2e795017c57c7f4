#include "cf/cf_trainer.h"

#include "cf/cf_batch.h"
#include "cf/cf_kind.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

const char *const cf_loss_names[] = {
    [CF_SOFTMAX] = "softmax", [CF_BCE] = "bce", [CF_GBCE] = "gbce",
    [CF_AUTO] = "auto", NULL
};

const char *const cf_window_names[] = {
    [CF_RANDOM] = "random", [CF_LAST] = "last", NULL
};

/* The training items without the last hide_last of each user. */
static void make_lists(struct cf_lists *l, const struct history *h, int hide_last)
{
    int64_t n = 0;

    l->item = mem_new((size_t)h->n, sizeof *l->item);
    l->first = mem_new((size_t)h->users + 1, sizeof *l->first);
    for (int u = 0; u < h->users; u++) {
        int64_t left = history_training_rows(h, u) - hide_last;

        for (int64_t i = h->first[u]; i < h->first[u + 1] && left > 0; i++)
            if (h->split[i] == SPLIT_TRAIN) {
                l->item[n++] = h->item[i];
                left--;
            }
        l->first[u + 1] = n;
    }
}

/* Items times the positions of an epoch in which each user's last window is read. */
static double count_scores(const struct cf_trainer *t)
{
    int64_t positions = 0;

    for (int u = 0; u < t->h->users; u++) {
        int64_t n = t->lists.first[u + 1] - t->lists.first[u] - 1;

        positions += n < 0 ? 0 : n < t->o.maxlen ? n : t->o.maxlen;
    }
    return (double)positions * (double)t->h->items;
}

int cf_trainer_new(struct cf_trainer *t, const struct cf_kind *kind,
                   const struct cf_options *o, const struct history *h, struct error *e)
{
    int64_t units;

    *t = (struct cf_trainer){ .o = *o, .h = h };
    make_lists(&t->lists, h, o->hide_last);
    t->scores = count_scores(t);
    if (o->loss == CF_AUTO)
        t->o.loss = t->scores > CF_SOFTMAX_SCORES ? CF_GBCE : CF_SOFTMAX;
    cf_model_begin(&t->model, kind, h);
    if (kind->family->begin(t, e) != 0)
        return -1;
    t->p = cf_model_params(&t->model);
    adam_new(&t->adam, t->p, o->lr, o->beta1, o->beta2, 1e-8);
    t->adam.decay = o->l2;
    if (o->keeps_best)
        t->best = params_arena(t->p);
    units = kind->family->epoch(t);
    t->steps_an_epoch = units / o->batch > 1 ? (int)(units / o->batch) : 1;
    return 0;
}

void cf_trainer_free(struct cf_trainer *t)
{
    t->model.kind->family->end(t);
    free(t->lists.item);
    free(t->lists.first);
    adam_free(&t->adam);
    free(t->best);
    cf_model_free(&t->model);
}

int cf_trainer_shares(const struct cf_trainer *t)
{
    return t->inner ? cf_batch_blocks(t) : 1;
}

double cf_trainer_step(struct cf_trainer *t)
{
    double loss = t->model.kind->family->step(t);

    t->at.step++;
    t->at.loss_sum += loss;
    if (t->at.step % t->steps_an_epoch == 0) {
        t->at.loss = t->at.loss_sum / t->steps_an_epoch;
        t->at.loss_sum = 0;
    }
    return loss;
}

void cf_trainer_judge(struct cf_trainer *t, int64_t epoch, double ndcg)
{
    if (validation_judge(&t->at.best, epoch, ndcg))
        memcpy(t->best, t->p->values, (size_t)t->p->size * sizeof *t->best);
}

void cf_trainer_take_best(struct cf_trainer *t)
{
    if (t->at.best.epoch > 0)
        memcpy(t->p->values, t->best, (size_t)t->p->size * sizeof *t->best);
}

void cf_trainer_sections(struct cf_trainer *t, struct checkpoint_section *s)
{
    size_t arena = (size_t)t->p->size * sizeof(real);

    s[0] = (struct checkpoint_section){ "weights", t->p->values, arena };
    s[1] = (struct checkpoint_section){ "adam moments", t->adam.m, 2 * arena };
    s[2] = (struct checkpoint_section){ "adam step", &t->adam.step, sizeof t->adam.step };
    s[3] = (struct checkpoint_section){ "progress", &t->at, sizeof t->at };
    s[4] = (struct checkpoint_section){ "best weights", t->best, t->best ? arena : 0 };
}
