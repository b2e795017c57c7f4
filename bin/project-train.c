/* Stage 2 of A-LLMRec: trains the projections of user and item vectors into the
 * token-embedding space of a frozen LLM. */
#include "nn/adam.h"
#include "nn/checkpoint.h"
#include "rec/prealign.h"
#include "rec/stage2_data.h"
#include "tensor/blas.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum loss_kind { LOSS_TITLE, LOSS_SELECT, LOSS_BOTH };
enum target_kind { TARGETS_LAST, TARGETS_RANDOM, TARGETS_ALL };

static const char *const loss_names[] = { "title", "select", "both", NULL };
static const char *const target_names[] = { "last", "random", "all", NULL };
static const char *const schedule_names[] = { "constant", "cosine", NULL };

static struct stage2_options common = {
    .template = "recall", .noun = "movie", .verb = "watch", .past = "watched",
    .users = true, .items = true,
};
static const char *model_name = "SmolLM2.gguf", *checkpoint_path = NULL;
static int loss_kind = LOSS_BOTH, target_kind = TARGETS_RANDOM, schedule = 1;
static long candidates[2] = { 10, 20 }, share = 8, batch = 16, epochs = 1, steps = 0;
static long prealign = 500, valid_users = 96, valid_every = 50, save_every = 20;
static long stop_after = 0;
static double lr = 1e-3, prealign_lr = 1e-3, clip = 1;
static bool gain = true, standardise = true, resume = false;

static const struct opt options[] = {
    { OPT_PATH, 'm', "model", &model_name, "LLM: GGUF file or Hugging Face folder" },
    STAGE2_OPTIONS(common),
    { OPT_CHOICE, 0, "loss", &loss_kind, "what is learned", 0, 0, loss_names },
    { OPT_CHOICE, 0, "targets", &target_kind, "training positions of a user", 0, 0,
      target_names },
    { OPT_RANGE, 0, "cands", candidates, "candidates to choose from, growing", 2, 1000 },
    { OPT_INT, 0, "share", &share, "users that share a list of candidates", 1, 256 },
    { OPT_INT, 'b', "batch", &batch, "examples a step", 1, 4096 },
    { OPT_INT, 'e', "epochs", &epochs, "passes over the users", 1, 1e6 },
    { OPT_INT, 0, "steps", &steps, "steps instead of epochs; 0: epochs", 0, 1e9 },
    { OPT_REAL, 0, "lr", &lr, "Adam's learning rate", 0, 10 },
    { OPT_CHOICE, 0, "schedule", &schedule, "of the learning rate", 0, 0,
      schedule_names },
    { OPT_REAL, 0, "clip", &clip, "longest gradient; 0: any", 0, 1e9 },
    { OPT_FLAG, 0, "gain", &gain, "soft tokens as long as the LLM's own, learned gain" },
    { OPT_FLAG, 0, "standardise", &standardise, "inputs to mean 0 and deviation 1" },
    { OPT_INT, 0, "prealign", &prealign, "steps of alignment before the LLM", 0, 1e6 },
    { OPT_REAL, 0, "prealign-lr", &prealign_lr, "its learning rate", 0, 10 },
    { OPT_INT, 0, "valid-users", &valid_users, "validation users; 0: none", 0, 1e9 },
    { OPT_INT, 0, "valid-every", &valid_every, "steps between validations", 1, 1e9 },
    { OPT_PATH, 0, "checkpoint", &checkpoint_path, "state to resume from", 0, 0, NULL,
      OPT_LOCAL },
    { OPT_INT, 0, "checkpoint-every", &save_every, "steps between its writing", 1, 1e9,
      NULL, OPT_LOCAL },
    { OPT_FLAG, 0, "resume", &resume, "go on from --checkpoint", 0, 0, NULL, OPT_LOCAL },
    { OPT_INT, 0, "stop-after", &stop_after, "stop at this step, to be resumed", 0, 1e9,
      NULL, OPT_LOCAL },
    { 0 }
};

static const struct preset presets[] = {
    { "published",
      (const char *const[]){ "template=published", "history=10", "loss=title",
                             "targets=last", "cands=20", "share=1", "batch=4",
                             "epochs=5", "lr=1e-4", "schedule=constant", "clip=0",
                             "gain=no", "standardise=no", "prealign=0", NULL } },
    { NULL, NULL },
};

static const struct cli cli = {
    .summary = "train the projections into a frozen LLM (stage 2)",
    .usage = "[FILE...]",
    .example = "project-train -m SmolLM2.gguf data.mr cf.mr align.mr > proj.mr",
    .options = options,
    .presets = presets,
    .flags = CLI_SEED | CLI_THREADS | CLI_ONLY,
};

/* A run of training, and what a checkpoint holds of it. */
struct trainer {
    struct stage2_data data;
    struct filter *filter;
    const struct tensor *user_train, *user_valid, *inter_cf;
    struct example *examples; /* one epoch's, in order */
    long count;               /* of them */
    struct example *valid;
    long valid_count;
    struct adam adam;
    real *grad, *best;        /* arenas */
    struct {
        int64_t step, best_step;
        double best_loss, select, title, right; /* the last three since the last log */
        int64_t seen;
    } state;
    long total_steps;
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct example example_at(const struct trainer *t, int64_t row, int user,
                                 const struct tensor *vectors, int64_t vector_row)
{
    return (struct example){
        .user = user,
        .target = t->data.history.item[row],
        .row = row,
        .x = stage2_user_vector(&t->data, vectors, vector_row, user),
    };
}

static bool usable(const struct trainer *t, const struct example *x)
{
    return x->x || !t->data.stage2.prompter.users;
}

static void add_example(struct trainer *t, struct example x)
{
    if (usable(t, &x))
        t->examples[t->count++] = x;
}

/* The examples of a user in an epoch: the last training position, a random one,
 * or all of them. */
static void add_user(struct trainer *t, int user, int64_t epoch)
{
    const struct history *h = &t->data.history;
    int64_t first = h->first[user], n = history_training_rows(h, user);
    rng r = rng_keyed("project-train target", cli_seed, (uint64_t)epoch, (uint64_t)user);
    int64_t row = n > 1 ? first + 1 + (int64_t)rng_below(&r, (uint64_t)n - 1) : -1;

    if (target_kind == TARGETS_LAST && n > 1)
        add_example(t, example_at(t, first + n - 1, user, t->user_train, user));
    else if (target_kind == TARGETS_RANDOM && n > 1)
        add_example(t, example_at(t, row, user, t->inter_cf, row));
    for (row = first + 1; target_kind == TARGETS_ALL && row < first + n; row++)
        add_example(t, example_at(t, row, user, t->inter_cf, row));
}

/* The epoch's examples in its own order. */
static void make_epoch(struct trainer *t, int64_t epoch)
{
    const struct history *h = &t->data.history;
    struct example *drawn;
    int *order;
    rng r = rng_keyed("project-train order", cli_seed, (uint64_t)epoch, 0);

    t->count = 0;
    for (int u = 0; u < h->users; u++)
        add_user(t, u, epoch);
    if (t->count == 0)
        die("no user has two training interactions and a vector");
    drawn = mem_new((size_t)t->count, sizeof *drawn);
    order = mem_new((size_t)t->count, sizeof *order);
    memcpy(drawn, t->examples, (size_t)t->count * sizeof *drawn);
    for (long i = 0; i < t->count; i++)
        order[i] = (int)i;
    rng_shuffle(&r, order, t->count);
    for (long i = 0; i < t->count; i++)
        t->examples[i] = drawn[order[i]];
    free(drawn);
    free(order);
}

/* A seeded sample of the users that have a validation item. */
static void make_valid(struct trainer *t)
{
    const struct history *h = &t->data.history;
    int *users = mem_new((size_t)h->users, sizeof *users);
    rng r = rng_keyed("project-train valid", cli_seed, 0, 0);

    for (int u = 0; u < h->users; u++)
        users[u] = u;
    rng_shuffle(&r, users, h->users);
    t->valid = mem_new((size_t)h->users, sizeof *t->valid);
    for (int i = 0; i < h->users && t->valid_count < valid_users; i++) {
        int64_t row = history_target(h, users[i], SPLIT_VALID);
        struct example x;

        if (row < 0)
            continue;
        x = example_at(t, row, users[i], t->user_valid, users[i]);
        if (usable(t, &x))
            t->valid[t->valid_count++] = x;
    }
    free(users);
}

static long list_size(const struct trainer *t)
{
    return template_shared_lines(&t->data.template) > 0 ? share : 1;
}

/* Lists of at most list_size examples each; their number. */
static int draw_lists(const struct trainer *t, struct list *lists,
                      const struct example *examples, long count, int cands,
                      const char *purpose, int64_t step)
{
    long size = list_size(t);
    int n = 0;

    for (long i = 0; i < count; i += size) {
        rng r = rng_keyed(purpose, cli_seed, (uint64_t)step, (uint64_t)i);

        list_draw(&lists[n++], examples + i, (int)(count - i < size ? count - i : size),
                  &t->data.history, cands, &r);
    }
    return n;
}

/* Runs examples; adds up what came of them, and the gradient where asked for. */
static struct choice_result run(struct trainer *t, const struct example *examples,
                                long count, int cands, const char *purpose, int64_t step,
                                bool backward, double *right)
{
    struct list *lists = mem_new((size_t)count, sizeof *lists);
    struct choice_result *results = mem_new((size_t)count, sizeof *results), sum = { 0 };
    int n = draw_lists(t, lists, examples, count, cands, purpose, step);
    double select_share = loss_kind == LOSS_TITLE ? 0 : loss_kind == LOSS_BOTH ? .5 : 1;
    struct error e;

    if (stage2_run(&t->data.stage2, lists, n, select_share, 1 - select_share, results,
                   backward ? t->grad : NULL, &e) < 0)
        die("%s", e.text);
    *right = 0;
    for (long i = 0; i < count; i++) {
        sum.select += results[i].select;
        sum.title += results[i].title;
        *right += results[i].right;
    }
    for (int i = 0; i < n; i++)
        list_free(&lists[i]);
    free(lists);
    free(results);
    return sum;
}

static double scheduled_lr(const struct trainer *t)
{
    double done = (double)t->state.step / (double)t->total_steps;

    return schedule == 0 ? lr : lr * (.02 + .98 * .5 * (1 + cos(M_PI * done)));
}

static void clip_gradient(struct trainer *t)
{
    double sum = 0;

    for (long i = 0; i < t->data.stage2.params.size; i++)
        sum += (double)t->grad[i] * (double)t->grad[i];
    if (!isfinite(sum))
        die("step %lld: the gradient is not finite; try a smaller --lr",
            (long long)t->state.step);
    if (clip > 0 && sum > clip * clip)
        for (long i = 0; i < t->data.stage2.params.size; i++)
            t->grad[i] *= (real)(clip / sqrt(sum));
}

static int candidates_now(const struct trainer *t)
{
    return (int)(candidates[0] + (candidates[1] - candidates[0]) * t->state.step /
                                     (t->total_steps > 1 ? t->total_steps - 1 : 1));
}

static long steps_per_epoch(const struct trainer *t)
{
    return (t->count + batch - 1) / batch;
}

static void train_step(struct trainer *t)
{
    struct params *p = &t->data.stage2.params;
    long per_epoch = steps_per_epoch(t), at = (long)(t->state.step % per_epoch) * batch;
    long count = t->count - at < batch ? t->count - at : batch;
    struct choice_result sum;
    double right;

    memset(t->grad, 0, (size_t)p->size * sizeof *t->grad);
    sum = run(t, t->examples + at, count, candidates_now(t), "project-train list",
              t->state.step, true, &right);
    clip_gradient(t);
    t->adam.lr = scheduled_lr(t);
    adam_step(&t->adam, p, t->grad);
    t->state.select += sum.select;
    t->state.title += sum.title;
    t->state.right += right;
    t->state.seen += count;
    t->state.step++;
}

/* What the loss says of the validation users, all on lists of the final size. */
static void validate(struct trainer *t, double seconds)
{
    struct params *p = &t->data.stage2.params;
    double n = (double)t->state.seen, m = (double)t->valid_count, right = 0, loss;
    char seen[160] = "";
    struct choice_result sum;

    if (n > 0)
        snprintf(seen, sizeof seen, "train select %.3f (ln %d = %.3f) right %.3f title "
                 "%.3f, ", t->state.select / n, candidates_now(t),
                 log(candidates_now(t)), t->state.right / n, t->state.title / n);
    t->state.select = t->state.title = t->state.right = 0;
    t->state.seen = 0;
    if (!t->valid_count) {
        say("step %lld: %s%.0f s", (long long)t->state.step, seen, seconds);
        return;
    }
    sum = run(t, t->valid, t->valid_count, (int)candidates[1],
              "project-train valid list", 0, false, &right);
    loss = loss_kind == LOSS_TITLE ? sum.title / m : sum.select / m;
    if (loss < t->state.best_loss) {
        t->state.best_loss = loss;
        t->state.best_step = t->state.step;
        memcpy(t->best, p->values, (size_t)p->size * sizeof *t->best);
    }
    say("step %lld: %svalidation select %.3f (ln %ld = %.3f) HR@1 %.3f title %.3f, "
        "%.0f s%s", (long long)t->state.step, seen, sum.select / m, candidates[1],
        log((double)candidates[1]), right / m, sum.title / m, seconds,
        t->state.best_step == t->state.step ? " *" : "");
}

/* The checkpoint's sections: everything that the next step depends on. */
static struct checkpoint describe(struct trainer *t, struct checkpoint_section *s,
                                  uint64_t digest)
{
    size_t bytes = (size_t)t->data.stage2.params.size * sizeof(real);

    s[0] = (struct checkpoint_section){ "values", t->data.stage2.params.values, bytes };
    s[1] = (struct checkpoint_section){ "adam", t->adam.m, 2 * bytes };
    s[2] = (struct checkpoint_section){ "adam step", &t->adam.step, sizeof t->adam.step };
    s[3] = (struct checkpoint_section){ "best", t->best, bytes };
    s[4] = (struct checkpoint_section){ "state", &t->state, sizeof t->state };
    return (struct checkpoint){ "project-train", digest, s, 5 };
}

static void save(struct trainer *t, uint64_t digest)
{
    struct checkpoint_section sections[5];
    struct checkpoint c = describe(t, sections, digest);
    struct error e;

    if (checkpoint_save(checkpoint_path, &c, &e) < 0)
        die("%s", e.text);
}

static void load(struct trainer *t, uint64_t digest)
{
    struct checkpoint_section sections[5];
    struct checkpoint c = describe(t, sections, digest);
    struct error e;

    if (checkpoint_load(checkpoint_path, &c, &e) < 0)
        die("%s", e.text);
    say("resumed at step %lld", (long long)t->state.step);
}

static void prealign_projections(struct trainer *t)
{
    struct stage2 *s = &t->data.stage2;
    struct adam adam;
    double loss = 0, right = 0;

    adam_new(&adam, &s->params, prealign_lr, .9, .98, 1e-8);
    for (long i = 0; i < prealign; i++) {
        rng r = rng_keyed("project-train prealign", cli_seed, (uint64_t)i, 0);
        long count = t->count < 128 ? t->count : 128;
        double l, hits;

        if (i % 8 == 0)
            make_epoch(t, i / 8);
        l = prealign_step(s, &adam, t->examples + i % 8 * count % (t->count - count + 1),
                          (int)count, 256, &r, &hits);
        loss += .05 * ((i ? l : 20 * l) - loss);
        right += .05 * ((i ? hits : 20 * hits) - right);
    }
    if (prealign)
        say("prealigned: loss %.3f (ln 257 = %.3f), nearest of 257 in %.3f", loss,
            log(257), right);
    adam_free(&adam);
}

/* Soft tokens as long as the LLM's own on average. */
static void set_gains(struct trainer *t)
{
    struct stage2 *s = &t->data.stage2;
    real rms = llama_embed_rms(s->llm->model), *x;
    int n = s->item_count < 512 ? s->item_count : 512;
    long users = t->count < 512 ? t->count : 512;

    if (!gain)
        return;
    x = mem_new((size_t)n * (size_t)s->item.in + (size_t)users * (size_t)s->user.in,
                sizeof *x);
    for (long i = 0; i < n && s->item.in; i++)
        standard_apply(x + i * s->item.in, &s->item_standard, s->items + i * s->item.in,
                       s->item.in);
    if (s->item.in)
        projector_set_rms(&s->item, &s->params, x, n, rms);
    for (long i = 0; i < users && s->user.in; i++)
        standard_apply(x + i * s->user.in, &s->user_standard, t->examples[i].x,
                       s->user.in);
    if (s->user.in)
        projector_set_rms(&s->user, &s->params, x, (int)users, rms);
    free(x);
}

static void set_up_projectors(struct trainer *t)
{
    struct stage2 *s = &t->data.stage2;
    int width = llama_config(s->llm->model)->width;

    if (s->user.in)
        projector_add(&s->user, &s->params, PROJECTOR_USER, s->user.in, width, gain);
    if (s->item.in)
        projector_add(&s->item, &s->params, PROJECTOR_ITEM, s->item.in, width, gain);
    params_allocate(&s->params);
    if (s->user.in)
        projector_init(&s->user, &s->params, cli_seed);
    if (s->item.in)
        projector_init(&s->item, &s->params, cli_seed);
    if (s->item.in && standardise)
        standard_of(&s->item_standard, s->items, s->item_count, s->item.in);
    if (s->user.in && standardise)
        standard_of(&s->user_standard, t->user_train->data, tensor_rows(t->user_train),
                    s->user.in);
    set_gains(t);
    if (s->user.in && s->item.in)
        prealign_projections(t);
    adam_new(&t->adam, &s->params, lr, .9, .98, 1e-8);
    t->grad = params_arena(&s->params);
    t->best = params_arena(&s->params);
}

static void set_up(struct trainer *t, struct filter *f, const struct llm *llm)
{
    t->filter = f;
    stage2_data_load(&t->data, f, llm, &common);
    if (common.users) {
        t->user_train = filter_tensor(f, "user.cf.train", DT_F4, 2, "cf-embed");
        t->user_valid = filter_tensor(f, "user.cf.valid", DT_F4, 2, "cf-embed");
        if (target_kind != TARGETS_LAST)
            t->inter_cf =
                filter_tensor(f, "inter.cf", DT_F4, 2, "cf-embed without --no-inter");
        stage2_data_users(&t->data, t->user_train);
    }
    t->examples = mem_new((size_t)t->data.history.n + 1, sizeof *t->examples);
    make_epoch(t, 0);
    make_valid(t);
    t->total_steps = steps ? steps : epochs * steps_per_epoch(t);
    t->state.best_loss = INFINITY;
    set_up_projectors(t);
}

static void train(struct trainer *t, uint64_t digest)
{
    double start = now();
    int64_t epoch = -1;
    char note[64];

    if (resume)
        load(t, digest);
    if (t->state.step == 0)
        validate(t, 0);
    progress_begin("training", "steps", t->total_steps);
    while (t->state.step < t->total_steps) {
        int64_t wanted = t->state.step / steps_per_epoch(t);

        if (wanted != epoch)
            make_epoch(t, epoch = wanted);
        train_step(t);
        snprintf(note, sizeof note, "select %.3f",
                 t->state.select / (double)t->state.seen);
        progress_update(t->state.step, note);
        filter_check_reader(t->filter);
        if (t->state.step % valid_every == 0 || t->state.step == t->total_steps)
            validate(t, now() - start);
        if (checkpoint_path &&
            (t->state.step % save_every == 0 || t->state.step == stop_after))
            save(t, digest);
        if (stop_after && t->state.step == stop_after)
            die("stopped after step %ld as --stop-after says", stop_after);
    }
    progress_end();
    if (t->valid_count)
        memcpy(t->data.stage2.params.values, t->best,
               (size_t)t->data.stage2.params.size * sizeof(real));
    say("%lld steps in %.0f s; kept step %lld", (long long)t->state.step, now() - start,
        (long long)(t->valid_count ? t->state.best_step : t->state.step));
}

static void write_projectors(struct trainer *t)
{
    struct stage2 *s = &t->data.stage2;
    const struct params *p = &s->params;
    char history[32];
    struct attr attrs[] = {
        { "template", t->data.template.source }, { "history", history },
        { "llm", file_base(model_name) },        { "joint", joint_names[common.joint] },
        { "noun", common.noun },                 { "verb", common.verb },
        { "past", common.past },                 { "bos", prompt_bos_names[common.bos] },
        { "random_items", common.random_items ? "yes" : "no" },
        { "random_users", common.random_users ? "yes" : "no" },
        { 0 },
    };

    snprintf(history, sizeof history, "%ld", common.history);
    if (s->user_standard.mean)
        projector_fold(&s->user, &s->params, s->user_standard.mean,
                       s->user_standard.scale);
    if (s->item_standard.mean)
        projector_fold(&s->item, &s->params, s->item_standard.mean,
                       s->item_standard.scale);
    for (int i = 0; i < p->count; i++) {
        const struct param *q = &p->list[i];
        struct tensor v = q->ndim == 1
                              ? tensor_view1(DT_F4, q->rows, p->values + q->at)
                              : tensor_view2(DT_F4, q->rows, q->cols, p->values + q->at);
        char *name = mem_format("proj.%s", q->name);

        filter_put(t->filter, name, &v, attrs);
        free(name);
    }
}

static void keep_inputs(struct filter *f)
{
    stage2_keep(f, &common);
    filter_keep(f, "user.cf.train");
    filter_keep(f, "user.cf.valid");
    if (target_kind != TARGETS_LAST)
        filter_keep(f, "inter.cf");
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct trainer t = { 0 };
    struct filter *f;
    struct error e;
    struct llm llm;

    if (!common.users && !common.items)
        cli_mistake("--no-user --no-items leaves nothing to train");
    if (resume && !checkpoint_path)
        cli_mistake("--resume needs --checkpoint");
    blas_start(argv);
    if (llm_open(&llm, model_name, (enum frozen_precision)common.precision, &e) < 0)
        die("%s", e.text);
    f = filter_open(argc, argv, first);
    keep_inputs(f);
    filter_read(f);
    set_up(&t, f, &llm);
    train(&t, filter_digest(f));
    write_projectors(&t);
    filter_close(f);
    return 0;
}
