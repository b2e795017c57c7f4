#include "project/project_trainer.h"

#include "project/project_trainer_parts.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define LR_LEFT .02 /* of the learning rate, at the end of the cosine */

int project_trainer_new(struct project_trainer *t, const struct project_options *o,
                        struct stage2_data *data, const struct project_vectors *vectors,
                        struct error *e)
{
    *t = (struct project_trainer){ .o = *o, .data = data, .vectors = *vectors };
    t->examples = mem_new((size_t)data->history.n + 1, sizeof *t->examples);
    t->at.best_loss = INFINITY;
    project_make_epoch(t, 0);
    if (t->count == 0) {
        free(t->examples);
        return fail(e, "no user has two training interactions and a vector");
    }
    project_make_valid(t);
    t->steps_an_epoch = (t->count + o->batch - 1) / o->batch;
    t->total_steps = o->steps ? o->steps : o->epochs * t->steps_an_epoch;
    project_start_projectors(t);
    adam_new(&t->adam, &data->stage2.params, o->lr, .9, .98, 1e-8);
    t->grad = params_arena(&data->stage2.params);
    t->best = params_arena(&data->stage2.params);
    return 0;
}

void project_trainer_free(struct project_trainer *t)
{
    free(t->examples);
    free(t->valid);
    free(t->grad);
    free(t->best);
    adam_free(&t->adam);
}

int project_trainer_probe(const struct project_trainer *t, uint64_t *digest,
                          struct error *e)
{
    struct slate list;
    struct stage2_request request;
    long dropped;

    project_draw_slates(t, &list, t->examples, 1, (int)t->o.candidates[0],
                        "project-train probe", 0);
    request = (struct stage2_request){
        .example = t->examples[0], .split = SPLIT_TRAIN, .candidate = list.candidate,
        .count = list.count, .score = mem_new((size_t)list.count, sizeof(double)),
    };
    dropped = stage2_score(&t->data->stage2, &request, 1, NORM_SUM, e);
    *digest = XXH3_64bits(request.score, (size_t)list.count * sizeof *request.score);
    free(request.score);
    slate_free(&list);
    return dropped < 0 ? -1 : 0;
}

int project_trainer_candidates(const struct project_trainer *t)
{
    long from = t->o.candidates[0], to = t->o.candidates[1];
    long last = t->total_steps > 1 ? t->total_steps - 1 : 1;
    long step = t->at.step < last ? (long)t->at.step : last;

    return (int)(from + (to - from) * step / last);
}

#define WORD(value, word, share) word,
const char *const project_loss_names[] = { PROJECT_LOSSES(WORD) NULL };

const char *const project_schedule_names[] = {
    [PROJECT_CONSTANT] = "constant", [PROJECT_COSINE] = "cosine", NULL
};

const char *const project_keep_names[] = {
    [PROJECT_KEEP_LOSS] = "loss", [PROJECT_KEEP_NDCG] = "ndcg", NULL
};

static double select_share(const struct project_options *o)
{
#define SHARE(value, word, share) share,
    static const double shares[] = { PROJECT_LOSSES(SHARE) };

    return shares[o->loss];
}

double project_trainer_loss(const struct project_trainer *t,
                            const struct project_progress *sum)
{
    double select = select_share(&t->o);

    return (select * sum->select + (1 - select) * sum->title) / (double)sum->seen;
}

/* Runs examples; sums of what came of them, and the gradient into grad unless NULL. */
static int run(struct project_trainer *t, const struct example *examples, long count,
               int candidates, const char *purpose, int64_t step, real *grad,
               struct project_progress *sum, struct error *e)
{
    struct slate *lists = mem_new((size_t)count, sizeof *lists);
    struct trie_result *results = mem_new((size_t)count, sizeof *results);
    int n = project_draw_slates(t, lists, examples, count, candidates, purpose, step);
    double select = select_share(&t->o);
    long dropped =
        stage2_run(&t->data->stage2, lists, n, select, 1 - select, results, grad, e);

    *sum = (struct project_progress){ .seen = count };
    for (long i = 0; i < count; i++) {
        sum->select += results[i].select;
        sum->title += results[i].title;
        sum->right += results[i].right;
    }
    for (int i = 0; i < n; i++)
        slate_free(&lists[i]);
    free(lists);
    free(results);
    t->dropped += dropped > 0 ? dropped : 0;
    return dropped < 0 ? -1 : 0;
}

static double scheduled_lr(const struct project_trainer *t)
{
    double done = (double)t->at.step / (double)t->total_steps;

    return t->o.schedule == PROJECT_CONSTANT
               ? t->o.lr
               : t->o.lr * (LR_LEFT + (1 - LR_LEFT) * .5 * (1 + cos(M_PI * done)));
}

static int clip_gradient(struct project_trainer *t, struct error *e)
{
    double sum = 0, clip = t->o.clip;

    for (long i = 0; i < t->data->stage2.params.size; i++)
        sum += (double)t->grad[i] * (double)t->grad[i];
    if (!isfinite(sum))
        return fail(e, "step %lld: the gradient is not finite; try a smaller --lr",
                    (long long)t->at.step);
    if (clip > 0 && sum > clip * clip)
        for (long i = 0; i < t->data->stage2.params.size; i++)
            t->grad[i] *= (real)(clip / sqrt(sum));
    return 0;
}

int project_trainer_step(struct project_trainer *t, struct error *e)
{
    struct params *p = &t->data->stage2.params;
    int64_t epoch = t->at.step / t->steps_an_epoch;
    long from = (long)(t->at.step % t->steps_an_epoch) * t->o.batch;
    struct project_progress sum;
    long count;

    if (t->epoch != epoch)
        project_make_epoch(t, epoch);
    count = t->count - from < t->o.batch ? t->count - from : t->o.batch;
    memset(t->grad, 0, (size_t)p->size * sizeof *t->grad);
    if (run(t, t->examples + from, count, project_trainer_candidates(t),
            "project-train list", t->at.step, t->grad, &sum, e) < 0 ||
        clip_gradient(t, e) < 0)
        return -1;
    t->adam.lr = scheduled_lr(t);
    adam_step(&t->adam, p, t->grad);
    t->last = sum;
    t->at.select += sum.select;
    t->at.title += sum.title;
    t->at.right += sum.right;
    t->at.seen += count;
    t->at.step++;
    return 0;
}

int project_trainer_validate(struct project_trainer *t, struct project_progress *sum,
                             struct error *e)
{
    struct params *p = &t->data->stage2.params;
    double loss;

    *sum = (struct project_progress){ 0 };
    if (t->valid_count == 0)
        return 0;
    if (run(t, t->valid, t->valid_count, (int)t->o.candidates[1],
            PROJECT_VALID_LIST, 0, NULL, sum, e) < 0)
        return -1;
    loss = (select_share(&t->o) > 0 ? sum->select : sum->title) / (double)sum->seen;
    if (t->o.keep == PROJECT_KEEP_NDCG) {
        if (project_rank_valid(t, e) < 0)
            return -1;
        loss = 1 - t->ndcg;
    }
    if (loss < t->at.best_loss) {
        t->at.best_loss = loss;
        t->at.best_step = t->at.step;
        memcpy(t->best, p->values, (size_t)p->size * sizeof *t->best);
    }
    return 0;
}

void project_trainer_finish(struct project_trainer *t)
{
    struct stage2 *s = &t->data->stage2;
    struct params *p = &s->params;

    if (t->valid_count > 0)
        memcpy(p->values, t->best, (size_t)p->size * sizeof *t->best);
    if (s->user_standard.mean)
        projector_fold(&s->user, p, s->user_standard.mean, s->user_standard.scale);
    if (s->item_standard.mean)
        projector_fold(&s->item, p, s->item_standard.mean, s->item_standard.scale);
}

void project_trainer_sections(struct project_trainer *t, struct checkpoint_section *s)
{
    size_t bytes = (size_t)t->data->stage2.params.size * sizeof(real);

    s[0] = (struct checkpoint_section){ "values", t->data->stage2.params.values, bytes };
    s[1] = (struct checkpoint_section){ "adam", t->adam.m, 2 * bytes };
    s[2] = (struct checkpoint_section){ "adam step", &t->adam.step, sizeof t->adam.step };
    s[3] = (struct checkpoint_section){ "best", t->best, bytes };
    s[4] = (struct checkpoint_section){ "state", &t->at, sizeof t->at };
}
