/* Trains the collaborative-filtering model: interactions -> cf.* */
#include "cf/cf_hits.h"
#include "cf/cf_kind.h"
#include "cf/cf_trainer.h"
#include "cli/cli.h"
#include "history/history_read.h"
#include "history/validation.h"
#include "metrics/expected.h"
#include "nn/blas.h"
#include "nn/checkpoint_options.h"
#include "stream/filter.h"
#include "ranks/ranks.h"
#include "ranks/training.h"
#include "util/effort.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/progress.h"
#include "util/train_log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *dilations = "1,4";

enum { LARGE = 100000 }; /* items from which on a step's cost is that of Adam on all */

enum { DENSE, SPARSE };
static const char *const adam_names[] = { [DENSE] = "dense", [SPARSE] = "sparse", NULL };

static int model = 0, loss = CF_AUTO, window = CF_RANDOM, adam = DENSE;
static long negatives = 256, width = 50, blocks = 2, heads = 1, hidden = 100, layers = 1,
            kernel = 3, maxlen = 50, batch = 128, epochs = 200, hide_last = 0;
static struct validation validation = { .every = 5, .users = 2500, .patience = 5 };
static double item_std = 0, gbce_t = .75, dropout = .5, lr = 1e-3, l2 = 0;
static bool hits = true, shared = false;
static struct checkpoint_options keeper;
static struct train_log train_log;
static struct effort effort;

/* describe_models adds to the help of an option which models read it. */
static struct opt options[] = {
    { OPT_CHOICE, 0, "model", &model, "model to train", .choices = cf_model_names },
    { OPT_CHOICE, 0, "loss", &loss,
      "loss that ranks an item above the others; auto: softmax, or gbce for its time",
      .choices = cf_loss_names },
    { OPT_CHOICE, 0, "windows", &window,
      "end of a user's training window: a random item, or the last one",
      .choices = cf_window_names },
    { OPT_INT, 0, "negatives", &negatives,
      "negatives of a position with gbce, or of an interaction",
      .low = 1, .high = 65536 },
    { OPT_FLAG, 0, "shared", &shared,
      "draw the negatives of gbce once a step, for all positions" },
    { OPT_REAL, 0, "gbce-t", &gbce_t, "calibration of gbce, from 0 (none) to 1 (full)",
      .low = 0, .high = 1 },
    { OPT_INT, 'd', "dim", &width, "width of the vectors", .low = 1, .high = 4096 },
    { OPT_REAL, 0, "item-std", &item_std,
      "standard deviation of items' initial vectors; 0: by the size of the table",
      .low = 0, .high = 100 },
    { OPT_INT, 0, "blocks", &blocks, "attention blocks",
      .low = 1, .high = BACKBONE_MAX_BLOCKS },
    { OPT_INT, 0, "heads", &heads, "attention heads", .low = 1, .high = 4096 },
    { OPT_INT, 0, "hidden", &hidden, "units of a GRU layer", .low = 1, .high = 4096 },
    { OPT_INT, 0, "layers", &layers, "GRU layers, or linear maps of a network",
      .low = 1, .high = BACKBONE_MAX_BLOCKS },
    { OPT_STRING, 0, "dilations", &dilations, "dilation of each residual block" },
    { OPT_INT, 0, "kernel", &kernel, "items that a convolution sees",
      .low = 1, .high = 64 },
    { OPT_INT, 0, "maxlen", &maxlen, "items in a window", .low = 1, .high = 4096 },
    { OPT_REAL, 0, "dropout", &dropout, "share of numbers that dropout drops",
      .low = 0, .high = .99 },
    ADAM_OPTION(lr),
    { OPT_CHOICE, 0, "adam", &adam,
      "items that a step of Adam moves: all, or those that the step touches",
      .choices = adam_names },
    { OPT_REAL, 0, "l2", &l2, "penalty on squared weights", .low = 0, .high = 1 },
    { OPT_INT, 'b', "batch", &batch,
      "users in a step, or interactions of a model of a user and an item",
      .low = 1, .high = 65536 },
    { OPT_INT, 'e', "epochs", &epochs,
      "epochs; an epoch has users/batch or interactions/batch steps",
      .low = 0, .high = 1e7 },
    { OPT_INT, 0, "hide-last", &hide_last,
      "last training items of a user that training leaves out", .low = 0, .high = 1000 },
    VALIDATION_OPTIONS(validation),
    CHECKPOINT_OPTIONS(keeper, "epochs"),
    TRAIN_LOG_OPTION(train_log, "epoch"),
    { OPT_FLAG, 0, "hits", &hits,
      "say hr@1 of 20 items for training, validation and test items",
      .record = OPT_IDLE },
    { .type = OPT_END },
};

static const char *const published[] = { "loss=bce", "windows=last", "valid-every=0",
                                         "patience=0", NULL };
/* For catalogues of 100,000 items and more, see cf-train(1). */
static const char *const large[] = { "loss=gbce", "shared=yes", "negatives=1024",
                                     "adam=sparse", "item-std=.05", "lr=.003",
                                     "valid-every=0", "patience=0", NULL };
static const struct preset presets[] = { { "published", published }, { "large", large },
                                         { NULL, NULL } };

static struct preset of_models[CF_MODELS + 1]; /* their own defaults */

static struct cli cli = {
    .summary = "train the collaborative-filtering model on the training interactions",
    .usage = "[FILE...]",
    .example = "data-import ml-100k | data-split | cf-train > cf.mr",
    .options = options,
    .presets = presets,
    .chooser = "model",
    .chosen = of_models,
    .flags = CLI_SEED | CLI_THREADS | CLI_ONLY | CLI_PROGRESS | CLI_RANKS,
};

/* Adds the names of the models that read an option: text (size), "" where all that are
 * trained do. */
static void name_users(const char *option, char *text, size_t size)
{
    bool all = true;
    size_t at = 0;

    *text = 0;
    for (int i = 0; i < CF_MODELS; i++)
        if (cf_kind_reads(cf_model_kinds[i], option))
            at += (size_t)snprintf(text + at, at < size ? size - at : 0, "%s%s",
                                   at ? ", " : "", cf_model_names[i]);
        else
            all &= !cf_model_kinds[i]->family->params;
    if (all)
        *text = 0;
}

/* What the table of models says becomes help and defaults. */
static void describe_models(void)
{
    static char footer[2048], help[sizeof options / sizeof *options][256];
    size_t at = (size_t)snprintf(footer, sizeof footer, "models:");
    char users[128];

    for (int i = 0, chosen = 0; i < CF_MODELS; i++) {
        const struct cf_kind *k = cf_model_kinds[i];

        if (k->defaults[0])
            of_models[chosen++] = (struct preset){ cf_model_names[i], k->defaults };
        at += (size_t)snprintf(footer + at, at < sizeof footer ? sizeof footer - at : 0,
                               "\n  %-10s %s%s%s%s", cf_model_names[i], k->title,
                               k->paper ? " (" : "", k->paper ? k->paper : "",
                               k->paper ? ")" : "");
    }
    for (int i = 0; options[i].type != OPT_END; i++) {
        name_users(options[i].name, users, sizeof users);
        snprintf(help[i], sizeof *help, "%s (%s)", options[i].help, users);
        if (*users)
            options[i].help = help[i];
    }
    cli.footer = footer;
}

static bool is_read_by_some(const char *option)
{
    for (int i = 0; i < CF_MODELS; i++)
        if (cf_kind_reads(cf_model_kinds[i], option))
            return true;
    return false;
}

static struct cf_options trainer_options(void)
{
    return (struct cf_options){
        .loss = loss, .windows = window, .negatives = (int)negatives, .gbce_t = gbce_t,
        .shared = shared, .sparse = adam == SPARSE, .keeps_best = validation.every > 0,
        .item_std = item_std, .width = (int)width, .blocks = (int)blocks,
        .heads = (int)heads, .layers = (int)layers, .hidden = (int)hidden,
        .kernel = (int)kernel,
        .dilations = dilations, .maxlen = (int)maxlen, .dropout = dropout, .lr = lr,
        .l2 = l2, .beta1 = .9, .beta2 = .98, .batch = (int)batch,
        .hide_last = (int)hide_last, .seed = cli_seed,
    };
}

static void check_options(const struct cf_kind *kind)
{
    struct cf_options o = trainer_options();
    struct error e;

    for (int i = 0; options[i].type != OPT_END; i++)
        if (is_read_by_some(options[i].name) && !cf_kind_reads(kind, options[i].name) &&
            cli_changed(options[i].name))
            cli_mistake("--%s: --model %s does not use it", options[i].name,
                        cf_model_names[model]);
    if (shared && loss != CF_GBCE)
        cli_mistake("--shared goes with --loss gbce, not %s", cf_loss_names[loss]);
    if (adam == SPARSE && (loss == CF_SOFTMAX || loss == CF_AUTO))
        cli_mistake("--adam sparse goes with --loss bce or gbce, not %s: softmax touches "
                    "every item", cf_loss_names[loss]);
    cli_needs("gbce-t", loss == CF_GBCE || loss == CF_AUTO, "--loss gbce");
    if (kind->check && kind->check(&o, &e) != 0)
        cli_mistake("%s", e.text);
    checkpoint_options_check(&keeper);
    validation_check(&validation);
}

/* Returns the NDCG@10 of an epoch's weights, of which the best are remembered.  Prints up
 * to twenty of them. */
static double validate(struct cf_trainer *t, long epoch)
{
    double ndcg = cf_valid_ndcg(&t->model, t->h, validation.users);

    cf_trainer_judge(t, epoch, ndcg);
    if (epoch / validation.every % (epochs / validation.every / 20 + 1) == 0) {
        progress_clear();
        say("epoch %ld: loss %.4f, validation ndcg@10/%d %.4f", epoch, t->at.loss,
            EXPECTED_NEGATIVES + 1, ndcg);
    }
    return ndcg;
}

static void train_epoch(struct cf_trainer *t, struct filter *f, long epoch)
{
    double ndcg = NAN;
    char note[32];

    for (int i = 0; i < t->steps_an_epoch; i++) {
        snprintf(note, sizeof note, "loss %.4f", cf_trainer_step(t));
        progress_update(t->at.step, note);
        filter_check_reader(f);
    }
    training_same(t->p->values, (size_t)t->p->size * sizeof(real));
    if (validation.every > 0 && epoch % validation.every == 0)
        ndcg = validate(t, epoch);
    train_log_line(&train_log, t->at.step,
                   (double[]){ (double)epoch, t->at.loss, ndcg, t->adam.lr });
    effort_expect(&effort, epoch, epochs, "epochs",
                  validation.every > 0 && validation.patience > 0 ? "--patience" : NULL);
}

/* Goes on from the checkpoint where that was asked for.  More or fewer epochs are
 * the same training, longer or shorter. */
static void begin(struct cf_trainer *t, struct filter *f,
                  struct checkpoint_section *sections)
{
    static const char *const except[] = { "epochs", NULL };
    static const char *const logged[] = { "epoch", "loss", "valid_ndcg@10", NULL };
    bool going_on;

    cf_trainer_sections(t, sections);
    going_on = checkpoint_options_begin(&keeper, &(struct checkpoint){
                                  "cf-train", checkpoint_digest(filter_digest(f), except),
                                  sections, CF_SECTIONS, except });
    if (going_on)
        say("%s: going on after epoch %lld", keeper.path,
            (long long)(t->at.step / t->steps_an_epoch));
    train_log_begin(&train_log, logged, going_on, t->at.step);
    effort_steps(&effort, (long)(t->at.step / t->steps_an_epoch));
}

static void train(struct cf_trainer *t, struct filter *f)
{
    struct checkpoint_section sections[CF_SECTIONS];
    long epoch, from;

    training_check(cf_trainer_shares(t), "blocks of a batch");
    begin(t, f, sections);
    from = (long)t->at.step;
    epoch = t->at.step / t->steps_an_epoch;
    progress_begin("training", "steps", epochs * t->steps_an_epoch);
    while (epoch < epochs && !validation_is_over(&validation, &t->at.best)) {
        train_epoch(t, f, ++epoch);
        if (keeper.stop_after > 0 && epoch >= keeper.stop_after)
            checkpoint_options_stop(&keeper, "epoch", epoch);
        checkpoint_options_save_sometimes(&keeper, epoch);
    }
    checkpoint_options_save(&keeper);
    if (t->at.best.epoch > 0 && epoch % validation.every != 0)
        validate(t, epoch); /* not in the checkpoint: more epochs are the same training */
    progress_end();
    train_log_end(&train_log);
    say("%lld steps of %ld %s, loss %.4f in the last epoch", (long long)t->at.step, batch,
        t->model.kind->family->units, t->at.loss);
    training_say((long)t->at.step - from);
    if (t->at.best.epoch > 0)
        say("keeping epoch %lld, the best on validation: ndcg@10/%d %.4f",
            (long long)t->at.best.epoch, EXPECTED_NEGATIVES + 1, t->at.best.worth);
    cf_trainer_take_best(t);
}

/* Later stages that train on each user's last training item trust vectors that
 * have seen it too much: the first number against the others says how much. */
static void say_hits(const struct cf_model *m, const struct history *h)
{
    char hr[SPLITS][16];

    for (enum split s = 0; s < SPLITS; s++) {
        double x = cf_hits(m, h, s, cli_seed);

        if (isnan(x))
            strcpy(hr[s], "of none");
        else
            snprintf(hr[s], sizeof hr[s], "%.3f", x);
    }
    say("hr@1/%d uniform: last training item %s, validation %s, test %s",
        HITS_NEGATIVES + 1, hr[SPLIT_TRAIN], hr[SPLIT_VALID], hr[SPLIT_TEST]);
}

static bool has_validation(const struct history *h)
{
    for (int u = 0; u < h->users; u++)
        if (history_target(h, u, SPLIT_VALID) >= 0)
            return true;
    return false;
}

static void train_model(const struct cf_kind *kind, struct filter *f,
                        const struct history *h)
{
    struct cf_options o;
    struct cf_trainer t;
    struct error e;

    effort_begin(&effort);
    if (validation_begin(&validation, has_validation(h), &e) != 0)
        die("%s", e.text);
    o = trainer_options();
    if (h->items >= LARGE && cf_kind_reads(kind, "adam") && adam == DENSE)
        say("%d items, and each step moves all of them: --preset large moves those that "
            "a step touches", h->items);
    if (cf_trainer_new(&t, kind, &o, h, &e) != 0)
        die("%s", e.text);
    if (o.loss == CF_AUTO && t.o.loss == CF_GBCE && cf_kind_reads(kind, "loss"))
        say("--loss gbce: an epoch of softmax would compute %.1e scores, auto takes it "
            "up to %.1e", t.scores, CF_SOFTMAX_SCORES);
    train(&t, f);
    if (hits && !quiet)
        say_hits(&t.model, h);
    cf_model_put(f, &t.model);
    cf_trainer_free(&t);
}

static void count_model(const struct cf_kind *kind, struct filter *f,
                        const struct history *h)
{
    struct cf_model m;

    cf_model_count(&m, kind, h);
    cf_model_put(f, &m);
    cf_model_free(&m);
}

int main(int argc, char **argv)
{
    const struct cf_kind *kind;
    struct filter *f;
    struct history h;
    int first;

    describe_models();
    first = cli_parse(argc, argv, &cli);
    kind = cf_model_kinds[model];
    check_options(kind);
    blas_start(argv);
    training_begin(&train_log, blas_kernels(), checkpoint_digest(0, NULL));
    f = filter_open(argc, argv, first);
    history_read_keep(f);
    filter_replace(f, "cf.*");
    filter_read(f);
    history_read(f, &h);
    if (kind->family->count)
        count_model(kind, f, &h);
    else
        train_model(kind, f, &h);
    history_free(&h);
    filter_close(f);
    if (kind->family->params)
        effort_end(&effort);
    ranks_end();
    return STATUS_DONE;
}
