/* Stage 2 of A-LLMRec: trains the projections of user and item vectors into the
 * token-embedding space of a frozen LLM. */
#include "nn/blas.h"
#include "nn/checkpoint_options.h"
#include "project/prealign.h"
#include "project/project_report.h"
#include "project/project_trainer.h"
#include "ranks/ranks.h"
#include "ranks/training.h"
#include "util/clock.h"
#include "util/effort.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/progress.h"
#include "util/train_log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct stage2_options common = { STAGE2_DEFAULTS, .template = "guess" };
static struct project_options training = {
    .loss = PROJECT_BOTH, .targets = TARGETS_RANDOM, .schedule = PROJECT_COSINE,
    .candidates = { 10, 20 }, .share = 8, .batch = 16, .epochs = 4, .steps = 100,
    .prealign = 500, .valid_users = 96, .lr = 1e-3, .prealign_lr = 1e-3, .clip = 1,
    .gain = true, .standardise = true,
};
static double soft_labels = 1;
enum { VALID_EVERY = 50 };
static long valid_every = VALID_EVERY;
static struct checkpoint_options keeper = { .every = 20 };
static struct train_log train_log;
static struct effort effort;

static const struct opt options[] = {
    STAGE2_LLM_OPTIONS(common),
    { OPT_CHOICE, 0, "recompute", &common.recompute,
      "compute layers again in the backward pass, for less memory",
      0, 0, recompute_names, OPT_LOCAL },
    STAGE2_PROMPT_OPTIONS(common),
    STAGE2_VECTOR_OPTIONS(common),
    { OPT_REAL, 0, "joint-mix", &common.joint_mix,
      "share of the items that training takes from item.joint_text", 0, 1 },
    { OPT_GROUP, .name = "Examples and loss" },
    { OPT_CHOICE, 0, "loss", &training.loss,
      "what training learns: to write the title, to select it, or both",
      0, 0, project_loss_names },
    { OPT_REAL, 0, "soft-labels", &soft_labels,
      "share of the labels of --loss select and both that are the guess's", 0, 1 },
    TARGETS_OPTION(training.targets),
    { OPT_RANGE, 0, "cands", training.candidates,
      "candidates in a list, in the first step and in the last", 2, 1000 },
    { OPT_INT, 0, "share", &training.share, "examples that share a list of candidates",
      1, 256 },
    { OPT_GROUP, .name = "Steps" },
    EPOCH_OPTIONS(training.batch, training.epochs),
    { OPT_INT, 0, "steps", &training.steps,
      "steps in all; 0, or where --epochs alone is given: those of --epochs", 0, 1e9 },
    ADAM_OPTION(training.lr),
    { OPT_CHOICE, 0, "schedule", &training.schedule, "course of the learning rate", 0, 0,
      project_schedule_names },
    { OPT_REAL, 0, "clip", &training.clip, "largest length of the gradient; 0: any",
      0, 1e9 },
    { OPT_GROUP, .name = "Start" },
    { OPT_FLAG, 0, "gain", &training.gain,
      "learn a factor that begins with soft tokens as long as the LLM's own" },
    { OPT_FLAG, 0, "standardise", &training.standardise,
      "bring inputs to mean 0 and deviation 1" },
    { OPT_INT, 0, "prealign", &training.prealign,
      "steps that align the projections before the LLM is asked; 0: none", 0, 1e6 },
    { OPT_REAL, 0, "prealign-lr", &training.prealign_lr,
      "learning rate of the steps of --prealign", 0, 10 },
    { OPT_GROUP, .name = "Validation" },
    { OPT_INT, 0, "valid-users", &training.valid_users,
      "users of a validation; 0: no validation", 0, 1e9 },
    { OPT_CHOICE, 0, "keep", &training.keep,
      "the best step: of the least validation loss, or the best NDCG@10 of users' items",
      0, 0, project_keep_names },
    { OPT_INT, 0, "valid-every", &valid_every,
      "steps between two validations; 0: none, as --valid-users 0", 0, 1e9 },
    CHECKPOINT_OPTIONS(keeper, "steps"),
    TRAIN_LOG_OPTION(train_log, "step"),
    { 0 }
};

static const struct preset presets[] = {
    { "published",
      (const char *const[]){ "template=published", "history=10", "loss=title",
                             "targets=last", "cands=20", "share=1", "batch=4",
                             "epochs=5", "steps=0", "max-title=0", "lr=1e-4",
                             "schedule=constant", "clip=0", "gain=no",
                             "standardise=no", "prealign=0", NULL } },
    { "paper", (const char *const[]){ "template=recall", "guess=none", "soft-labels=0",
                                      "epochs=4", "steps=0", "max-title=0", NULL } },
    { NULL, NULL },
};

static const struct synonym synonyms[] = { STAGE2_SYNONYMS, { 0 } };
static const char *const given[] = { "bos", "soft-labels", "epochs", "steps", NULL };

static const struct cli cli = {
    .synonyms = synonyms,
    .given = given,
    .summary = "train the projections into a frozen LLM (stage 2)",
    .usage = "[FILE...]",
    .example = "project-train -m SmolLM2.gguf data.mr cf.mr align.mr > proj.mr",
    .options = options,
    .presets = presets,
    .flags = CLI_SEED | CLI_THREADS | CLI_ONLY | CLI_PROGRESS | CLI_RANKS,
};

/* --valid-every 0 is never, as in the other trainers, and gives the same stream as
 * --valid-users 0.  Messages come as often as by default. */
static void check_validation(void)
{
    cli_needs("valid-users", valid_every > 0, "--valid-every N");
    if (valid_every == 0) {
        training.valid_users = 0;
        valid_every = VALID_EVERY;
    }
    cli_needs("keep", training.valid_users > 0, "--valid-users N");
}

static void check_options(void)
{
    if (!common.users && !common.items)
        cli_mistake("--user no --items no leaves nothing to train");
    if (common.joint_mix > 0 &&
        (common.items != SOFT_STREAM || common.joint == JOINT_TEXT ||
         common.joint == JOINT_CF))
        cli_mistake("--joint-mix needs items by --joint joint or auto, and none of them "
                    "random");
    cli_needs("prealign-lr", training.prealign > 0, "--prealign N");
    cli_needs("cold-share", common.joint == JOINT_AUTO, "--joint auto");
    check_validation();
    checkpoint_options_check(&keeper);
    if (cli_given("epochs") && !cli_given("steps"))
        training.steps = 0;
    training.seed = common.random_seed = cli_seed;
}

/* What options ask for must be in the prompt. */
static void check_prompt(const struct stage2 *s)
{
    if (!s->prompter.users && !s->prompter.items)
        die("--items no and a template without [user] leave nothing to train: -t recall "
            "has one");
    if (cli_given("soft-labels") && soft_labels > 0 && s->guess.count == 0)
        die("--soft-labels needs a guess: a template with [guess], as -t guess");
}

static void keep_inputs(struct filter *f)
{
    stage2_keep(f, &common);
    if (common.users) {
        filter_keep(f, "user.cf.train");
        filter_keep(f, "user.cf.valid");
        if (training.targets != TARGETS_LAST)
            filter_keep(f, "inter.cf");
    }
    filter_replace(f, "proj.*");
    filter_declare(f);
}

/* Each rank sends gradients of its own LLM, which must be that of the others, bit by bit:
 * weights of the same size can differ, and processors without bf16 take f32. */
static void check_llm(const struct project_trainer *t)
{
    uint64_t digest = 0;
    struct error e;

    if (ranks_count() > 1 && project_trainer_probe(t, &digest, &e) < 0)
        die("%s", e.text);
    ranks_agree_on("scores by the LLM (by its files, processor or libraries)", digest);
}

static struct project_vectors take_vectors(struct stage2_data *d, struct filter *f)
{
    struct project_vectors v = { 0 };
    int64_t users = d->history.users;

    if (!stage2_takes_users(&d->stage2))
        return v;
    v.user_train = filter_tensor_sized(f, "user.cf.train", DT_F4, users, -1, "cf-embed");
    stage2_data_users(d, v.user_train);
    v.user_valid =
        filter_tensor_sized(f, "user.cf.valid", DT_F4, users, d->user_in, "cf-embed");
    if (training.targets != TARGETS_LAST)
        v.inter_cf = filter_tensor_sized(f, "inter.cf", DT_F4, d->history.n, d->user_in,
                                         "cf-embed without --no-inter (or use "
                                         "--targets last)");
    return v;
}

/* Validates; says what came of the steps since the last time, and of the validation
 * users, whose sums it returns. */
static struct project_progress validate(struct project_trainer *t, double seconds)
{
    struct project_progress sum;
    struct error e;
    char *seen = project_report_words("train", &t->at, project_trainer_candidates(t));
    char *valid;
    char ranked[32] = "";

    training_same(t->data->stage2.params.values,
                  (size_t)t->data->stage2.params.size * sizeof(real));
    if (project_trainer_validate(t, &sum, &e) < 0)
        die("%s", e.text);
    valid = project_report_words("validation", &sum, (int)training.candidates[1]);
    if (training.keep == PROJECT_KEEP_NDCG && sum.seen > 0)
        snprintf(ranked, sizeof ranked, "ndcg@10 %.4f, ", t->ndcg);
    progress_clear();
    say("step %lld: %s%s%s%.0f s%s", (long long)t->at.step, seen, valid, ranked, seconds,
        t->valid_count > 0 && t->at.best_step == t->at.step ? " *" : "");
    t->at.select = t->at.title = t->at.right = 0;
    t->at.seen = 0;
    free(seen);
    free(valid);
    return sum;
}

/* Means of a step and of a validation, each unknown where it saw nobody. */
static void log_step(const struct project_trainer *t,
                     const struct project_progress *valid)
{
    double line[2 * PROJECT_REPORT_MEANS + 2];
    double *lr = line + 2 * PROJECT_REPORT_MEANS + (training.keep == PROJECT_KEEP_NDCG);

    project_report_means(line, t, &t->last);
    project_report_means(line + PROJECT_REPORT_MEANS, t, valid);
    line[2 * PROJECT_REPORT_MEANS] = valid->seen > 0 ? t->ndcg : NAN;
    *lr = t->at.step > 0 ? t->adam.lr : NAN;
    train_log_line(&train_log, t->at.step, line);
}

/* Before the first step: projections that look alike. */
static void start(struct project_trainer *t)
{
    if (training.prealign > 0 && t->data->stage2.user.in && t->data->stage2.item.in) {
        struct project_prealigned p = project_prealign(t);

        say("prealigned: loss %.3f (ln %d = %.3f), nearest of %d in %.3f", p.loss,
            PREALIGN_NEGATIVES + 1, log(PREALIGN_NEGATIVES + 1), PREALIGN_NEGATIVES + 1,
            p.right);
    }
}

/* Goes on from the checkpoint, which belongs to inputs, options and the LLM's file,
 * or starts anew. */
static void begin(struct project_trainer *t, struct filter *f, uint64_t llm,
                  struct checkpoint_section *sections)
{
    const char *more = training.keep == PROJECT_KEEP_NDCG ? "valid_ndcg@10" : NULL;
    const char *logged[] = { "loss", "select", "title", "right", "valid_loss",
                             "valid_select", "valid_title", "valid_right", more, NULL };
    uint64_t inputs = filter_digest(f) ^ llm;
    struct project_progress valid;
    bool going_on;

    project_trainer_sections(t, sections);
    going_on = checkpoint_options_begin(&keeper, &(struct checkpoint){ "project-train",
                                                    checkpoint_digest(inputs, NULL),
                                                    sections, PROJECT_SECTIONS });
    if (going_on)
        say("%s: going on after step %lld", keeper.path, (long long)t->at.step);
    train_log_begin(&train_log, logged, going_on, t->at.step);
    if (!going_on) {
        start(t);
        valid = validate(t, 0);
        log_step(t, &valid);
    }
    effort_steps(&effort, (long)t->at.step);
}

static void train_one(struct project_trainer *t, struct filter *f)
{
    struct error e;
    char note[64];

    if (project_trainer_step(t, &e) < 0)
        die("%s", e.text);
    snprintf(note, sizeof note, "select %.3f", t->at.select / (double)t->at.seen);
    progress_update((long)t->at.step, note);
    filter_check_reader(f);
}

static void train(struct project_trainer *t, struct filter *f, uint64_t llm)
{
    struct checkpoint_section sections[PROJECT_SECTIONS];
    double from = clock_seconds();
    long before;

    training_check(project_trainer_lists(t), "lists");
    begin(t, f, llm, sections);
    before = (long)t->at.step;
    progress_begin("training", "steps", t->total_steps);
    while (t->at.step < t->total_steps) {
        struct project_progress valid = { 0 };

        train_one(t, f);
        if (t->at.step % valid_every == 0 || t->at.step == t->total_steps)
            valid = validate(t, clock_seconds() - from);
        log_step(t, &valid);
        effort_expect(&effort, (long)t->at.step, t->total_steps, "steps", NULL);
        if (keeper.stop_after > 0 && t->at.step >= keeper.stop_after)
            checkpoint_options_stop(&keeper, "step", (long)t->at.step);
        checkpoint_options_save_sometimes(&keeper, (long)t->at.step);
    }
    checkpoint_options_save(&keeper);
    progress_end();
    train_log_end(&train_log);
    project_trainer_finish(t);
    stage2_say_dropped("", t->dropped);
    say("%lld steps in %.0f s; kept step %lld", (long long)t->at.step,
        clock_seconds() - from,
        (long long)(t->valid_count ? t->at.best_step : t->at.step));
    training_say((long)t->at.step - before);
}

static void write_projectors(struct stage2_data *d, struct filter *f)
{
    const struct params *p = &d->stage2.params;
    const struct template_words *words = &d->stage2.prompter.words;
    char history[32], seed[32], cold[32], title[32], vectors[DIGEST_TEXT];
    struct attr attrs[] = {
        { "template", d->template.source }, { "history", history },
        { "llm", file_base(common.model) },   { "joint", joint_names[common.joint] },
        { "noun", words->noun },              { "verb", words->verb },
        { "past", words->past },              { "bos", template_bos_names[words->bos] },
        { "guess", d->stage2.guess.count > 0 ? common.guess : "none" },
        { "item_words", d->stage2.words.count > 0 ? "yes" : "no" },
        { "guess_by", item_scorer_names[d->scorer.by] },
        { "random_items", common.items == SOFT_RANDOM ? "yes" : "no" },
        { "random_users", common.users == SOFT_RANDOM ? "yes" : "no" },
        { "seed", seed },                   { "vectors", vectors },
        { "max_title", title },
        { common.joint == JOINT_AUTO ? "cold_share" : NULL, cold },
        { 0 },
    };

    snprintf(history, sizeof history, "%ld", common.history);
    snprintf(title, sizeof title, "%ld", d->max_title);
    snprintf(cold, sizeof cold, "%.9g", common.cold_share);
    stage2_items_digest(f, &common, vectors);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)cli_seed);
    for (int i = 0; i < p->count; i++) {
        const struct param *q = &p->list[i];
        struct tensor v = q->ndim == 1
                              ? tensor_view1(DT_F4, q->rows, p->values + q->at)
                              : tensor_view2(DT_F4, q->rows, q->cols, p->values + q->at);
        char *name = mem_format("proj.%s", q->name);

        filter_put(f, name, &v, attrs);
        free(name);
    }
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct project_vectors vectors;
    struct stage2_data data;
    struct filter *f;
    struct project_trainer t;
    struct error e;
    struct llm llm;
    uint64_t files;

    check_options();
    blas_start(argv);
    training_begin(&train_log, blas_kernels(), checkpoint_digest(0, NULL));
    f = filter_open(argc, argv, first);
    keep_inputs(f);
    stage2_open_llm(&llm, &common);
    decoder_add_backward(llm.model);
    files = stage2_agree_llm(&common);
    filter_read(f);
    effort_begin(&effort);
    stage2_data_load(&data, f, &llm, &common);
    check_prompt(&data.stage2);
    data.stage2.soft_labels = soft_labels;
    vectors = take_vectors(&data, f);
    if (project_trainer_new(&t, &training, &data, &vectors, &e) < 0)
        die("%s", e.text);
    check_llm(&t);
    say("%ld steps of %ld examples, %.1f times the %ld of an epoch", t.total_steps,
        training.batch, (double)t.total_steps / (double)t.steps_an_epoch, t.count);
    train(&t, f, files);
    write_projectors(&data, f);
    filter_close(f);
    project_trainer_free(&t);
    stage2_data_free(&data);
    llm_say_rows();
    llm_close(&llm);
    effort_end(&effort);
    ranks_end();
    return STATUS_DONE;
}
