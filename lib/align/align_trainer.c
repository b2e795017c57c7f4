#include "align/align_trainer.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

void align_trainer_new(struct align_trainer *t, const struct align_settings *set,
                       struct align *m, struct align_examples *s, const real *E,
                       const real *Q)
{
    *t = (struct align_trainer){ .set = *set, .m = m, .s = s, .E = E, .Q = Q };
    align_work_new(&t->work, m, set->batch);
    adam_new(&t->adam, &m->p, set->lr, set->beta1, set->beta2, 1e-8);
    t->adam.decay = set->decay;
    t->adam.decoupled = set->decoupled;
    t->adam.decay_vectors = set->decay_vectors;
    t->grad = params_arena(&m->p);
    t->best = params_arena(&m->p);
    t->x = mem_new((size_t)set->batch, sizeof *t->x);
    t->item = mem_new(2 * (size_t)set->batch, sizeof *t->item);
    t->valid = mem_new((size_t)s->h->users, sizeof *t->valid);
    if (s->x.valid)
        t->valid_count = align_examples_valid(s, set->seed, t->valid);
}

void align_trainer_free(struct align_trainer *t)
{
    align_work_free(&t->work);
    adam_free(&t->adam);
    free(t->grad), free(t->best), free(t->x), free(t->item), free(t->valid);
}

static struct align_batch batch_of(struct align_trainer *t,
                                   const struct align_example *list, int n)
{
    for (int i = 0; i < n; i++) {
        t->x[i] = list[i].x;
        t->item[i] = list[i].item;
        t->item[n + i] = list[i].negative;
    }
    return (struct align_batch){ n, t->x, t->item, t->E, t->Q };
}

static void add_parts(struct align_parts *sum, const struct align_parts *p, double share)
{
    sum->match += share * p->match;
    sum->item_recon += share * p->item_recon;
    sum->text_recon += share * p->text_recon;
    sum->rec += share * p->rec;
    sum->rec_text += share * p->rec_text;
    sum->cross += share * p->cross;
    sum->total += share * p->total;
}

/* The mean loss over a list, in batches; training also takes steps. */
static struct align_parts run(struct align_trainer *t, const struct align_example *list,
                              long count, bool training)
{
    struct align_parts mean = { 0 };

    for (long at = 0; at < count; at += t->set.batch) {
        int n = (int)(count - at < t->set.batch ? count - at : t->set.batch);
        struct align_batch b = batch_of(t, list + at, n);
        struct align_parts p = align_loss(t->m, &t->work, &b, training, t->set.seed,
                                          (uint64_t)t->at.step);

        add_parts(&mean, &p, (double)n / (double)count);
        if (!training)
            continue;
        align_step(t->m, &t->work, &b, t->grad, &t->adam);
        t->at.step++;
    }
    return mean;
}

struct align_parts align_trainer_epoch(struct align_trainer *t)
{
    align_examples_draw(t->s, t->set.seed, (uint64_t)t->at.epoch++);
    return run(t, t->s->list, t->s->count, true);
}

struct align_parts align_trainer_validate(struct align_trainer *t)
{
    return run(t, t->valid, t->valid_count, false);
}

struct align_valid align_trainer_judge(struct align_trainer *t, long users)
{
    struct align_valid v = align_valid_ndcg(t->m, t->s, t->E, t->Q, users);

    if (validation_judge(&t->at.best, t->at.epoch, align_valid_worth(&v)))
        memcpy(t->best, t->m->p.values, (size_t)t->m->p.size * sizeof *t->best);
    return v;
}

void align_trainer_finish(struct align_trainer *t)
{
    if (t->at.best.epoch > 0)
        memcpy(t->m->p.values, t->best, (size_t)t->m->p.size * sizeof *t->best);
}

void align_trainer_sections(struct align_trainer *t, struct checkpoint_section *list)
{
    size_t bytes = (size_t)t->m->p.size * sizeof(real);

    list[0] = (struct checkpoint_section){ "counters", &t->at, sizeof t->at };
    list[1] = (struct checkpoint_section){ "values", t->m->p.values, bytes };
    list[2] = (struct checkpoint_section){ "moments", t->adam.m, 2 * bytes };
    list[3] = (struct checkpoint_section){ "best", t->best, bytes };
    list[4] = (struct checkpoint_section){ "adam step", &t->adam.step,
                                           sizeof t->adam.step };
}
