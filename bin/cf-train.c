/* Trains the collaborative-filtering model: interactions -> cf.* */
#include "cf/cf_hits.h"
#include "cf/cf_trainer.h"
#include "cf/nextitnet.h"
#include "history/history_read.h"
#include "nn/blas.h"
#include "nn/checkpoint_options.h"
#include "stream/filter.h"
#include "util/cli.h"
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
static const char *const losses[] = { "softmax", "bce", "gbce", NULL };
static const char *const windows[] = { "random", "last", NULL };

static int model = CF_SASREC, loss = CF_SOFTMAX, window = CF_RANDOM;
static long negatives = 256, width = 50, blocks = 2, heads = 1, hidden = 100, layers = 1,
            kernel = 3, maxlen = 50, batch = 128, epochs = 200, hide_last = 0,
            valid_every = 0, patience = 0;
static double gbce_t = .75, dropout = .5, lr = 1e-3, l2 = 0;
static bool hits = true;
static struct checkpoint_options keeper;
static struct train_log train_log;
static struct effort effort;

static const struct opt options[] = {
    { OPT_CHOICE, 0, "model", &model, "model to train", .choices = cf_model_names },
    { OPT_CHOICE, 0, "loss", &loss, "loss that ranks an item above the others",
      .choices = losses },
    { OPT_CHOICE, 0, "windows", &window,
      "end of a user's training window: a random item, or the last one",
      .choices = windows },
    { OPT_INT, 0, "negatives", &negatives,
      "negatives of a position (gbce), or of an interaction (ncf, mf)",
      .low = 1, .high = 65536 },
    { OPT_REAL, 0, "gbce-t", &gbce_t, "calibration of gbce, from 0 (none) to 1 (full)",
      .low = 0, .high = 1 },
    { OPT_INT, 'd', "dim", &width, "width of the vectors", .low = 1, .high = 4096 },
    { OPT_INT, 0, "blocks", &blocks, "attention blocks of sasrec",
      .low = 1, .high = BACKBONE_MAX_BLOCKS },
    { OPT_INT, 0, "heads", &heads, "attention heads of sasrec", .low = 1, .high = 4096 },
    { OPT_INT, 0, "hidden", &hidden, "units of a GRU layer of gru4rec",
      .low = 1, .high = 4096 },
    { OPT_INT, 0, "layers", &layers, "GRU layers of gru4rec, or linear maps of ncf",
      .low = 1, .high = BACKBONE_MAX_BLOCKS },
    { OPT_STRING, 0, "dilations", &dilations,
      "dilation of each residual block of nextitnet" },
    { OPT_INT, 0, "kernel", &kernel, "items that a convolution of nextitnet sees",
      .low = 1, .high = 64 },
    { OPT_INT, 0, "maxlen", &maxlen, "items in a window", .low = 1, .high = 4096 },
    { OPT_REAL, 0, "dropout", &dropout, "share of numbers that dropout drops",
      .low = 0, .high = .99 },
    { OPT_REAL, 0, "lr", &lr, "learning rate of Adam", .low = 0, .high = 10 },
    { OPT_REAL, 0, "l2", &l2, "penalty on squared weights of ncf and mf",
      .low = 0, .high = 1 },
    { OPT_INT, 'b', "batch", &batch, "users in a step, or interactions (ncf, mf)",
      .low = 1, .high = 65536 },
    { OPT_INT, 'e', "epochs", &epochs,
      "epochs; an epoch has users/batch steps, or interactions/batch (ncf, mf)",
      .low = 0, .high = 1e7 },
    { OPT_INT, 0, "hide-last", &hide_last,
      "last training items of a user that training leaves out",
      .low = 0, .high = 1000 },
    { OPT_INT, 0, "valid-every", &valid_every,
      "epochs between two validations, of which the best weights stay; 0: never",
      .low = 0, .high = 1e7 },
    { OPT_INT, 0, "patience", &patience,
      "stop after N validations without a better one; 0: never",
      .low = 0, .high = 1e7 },
    CHECKPOINT_OPTIONS(keeper, "epochs"),
    TRAIN_LOG_OPTION(train_log, "epoch"),
    { OPT_FLAG, 0, "hits", &hits,
      "say hr@1 of 20 items for training, validation and test items",
      .record = OPT_IDLE },
    { .type = OPT_END },
};

static const char *const published[] = { "loss=bce", "windows=last", NULL };
static const struct preset presets[] = { { "published", published }, { NULL, NULL } };

/* What else is the default of a model. */
static const char *const of_gru4rec[] = { "lr=0.002", "epochs=100", "dropout=0.4",
                                          NULL };
static const char *const of_nextitnet[] = { "lr=0.002", "epochs=80", NULL };
static const char *const of_ncf[] = { "dim=16", "layers=3", "negatives=4", "batch=1024",
                                      "epochs=20", "dropout=0", NULL };
static const char *const of_mf[] = { "negatives=1", "batch=1024", "epochs=100",
                                     "l2=2e-5", NULL };
static const struct preset of_models[] = {
    { "gru4rec", of_gru4rec }, { "nextitnet", of_nextitnet }, { "ncf", of_ncf },
    { "mf", of_mf },           { NULL, NULL },
};

/* Who uses what, bits of enum cf_which; an option that stands in no row is for all. */
enum {
    SASREC = 1 << CF_SASREC,
    GRU4REC = 1 << CF_GRU4REC,
    NEXTITNET = 1 << CF_NEXTITNET,
    WINDOWS = SASREC | GRU4REC | NEXTITNET,
    NCF = 1 << CF_NCF,
    PAIRS = NCF | 1 << CF_MF,
    TRAINED = WINDOWS | PAIRS,
};

static const struct {
    const char *option;
    unsigned models;
} users[] = {
    { "loss", WINDOWS },        { "windows", WINDOWS },     { "negatives", TRAINED },
    { "gbce-t", WINDOWS },      { "dim", TRAINED },         { "blocks", SASREC },
    { "heads", SASREC },        { "hidden", GRU4REC },      { "layers", GRU4REC | NCF },
    { "dilations", NEXTITNET }, { "kernel", NEXTITNET },    { "maxlen", WINDOWS },
    { "dropout", WINDOWS | NCF }, { "lr", TRAINED },        { "l2", PAIRS },
    { "batch", TRAINED },       { "epochs", TRAINED },      { "hide-last", TRAINED },
    { "valid-every", TRAINED }, { "patience", TRAINED },    { "checkpoint", TRAINED },
    { "stop-after", TRAINED },  { "log", TRAINED },
};

static const struct cli cli = {
    .summary = "train the collaborative-filtering model on the training interactions",
    .usage = "[FILE...]",
    .example = "data-import ml-100k | data-split | cf-train > cf.mr",
    .options = options,
    .presets = presets,
    .chooser = "model",
    .chosen = of_models,
    .flags = CLI_SEED | CLI_THREADS | CLI_ONLY,
};

static void check_options(void)
{
    for (size_t i = 0; i < sizeof users / sizeof *users; i++)
        if (!(users[i].models >> model & 1) && cli_changed(users[i].option))
            cli_mistake("--%s: --model %s does not use it", users[i].option,
                        cf_model_names[model]);
    if (width % heads != 0)
        cli_mistake("--heads: %ld does not divide --dim %ld", heads, width);
    checkpoint_options_check(&keeper);
    if (patience > 0 && valid_every == 0)
        cli_mistake("--patience needs --valid-every N");
}

static struct cf_options trainer_options(void)
{
    struct cf_options o = {
        .loss = loss, .windows = window, .negatives = (int)negatives, .gbce_t = gbce_t,
        .width = (int)width, .blocks = (int)(model == CF_SASREC ? blocks : layers),
        .heads = (int)heads, .hidden = (int)hidden, .kernel = (int)kernel,
        .maxlen = (int)maxlen, .dropout = dropout, .lr = lr, .l2 = l2, .beta1 = .9,
        .beta2 = .98, .batch = (int)batch, .hide_last = (int)hide_last, .seed = cli_seed,
    };

    if (model == CF_NEXTITNET)
        o.blocks = nextitnet_dilations(o.dilation, dilations);
    if (o.blocks < 0)
        cli_mistake("--dilations: '%s' is no list such as 1,4 of at most %d numbers",
                    dilations, BACKBONE_MAX_BLOCKS);
    return o;
}

/* Training counts as a model: cf.pop (items). */
static void put_popularity(struct filter *f, const struct history *h)
{
    int64_t *count = history_popularity(h);
    struct tensor t = tensor_new1(DT_F4, h->items);

    for (int i = 0; i < h->items; i++)
        ((float *)t.data)[i] = (float)count[i];
    filter_put(f, "cf.pop", &t, NULL);
    tensor_free(&t);
    free(count);
}

/* Remembers the best weights; true once patience has run out. */
static bool validate(struct cf_trainer *t, long epoch, double ndcg)
{
    if (isnan(ndcg))
        die("--valid-every: no user has a validation item: run data-split first");
    progress_clear();
    say("epoch %ld: loss %.4f, validation ndcg@10/full %.4f", epoch, t->at.loss, ndcg);
    t->at.waited++;
    if (t->at.best_epoch == 0 || ndcg > t->at.best) {
        t->at.best = ndcg;
        t->at.best_epoch = epoch;
        t->at.waited = 0;
        memcpy(t->best, t->p->values, (size_t)t->p->size * sizeof *t->best);
    }
    return patience > 0 && t->at.waited >= patience;
}

/* One epoch; true if it was the last by patience. */
static bool train_epoch(struct cf_trainer *t, struct filter *f, long epoch)
{
    bool validated = valid_every > 0 && epoch % valid_every == 0, over;
    double ndcg = NAN;
    char note[32];

    for (int i = 0; i < t->steps_an_epoch; i++) {
        snprintf(note, sizeof note, "loss %.4f", cf_trainer_step(t));
        progress_update(t->at.step, note);
        filter_check_reader(f);
    }
    if (validated)
        ndcg = cf_full_ndcg(&t->model, t->h);
    over = validated && validate(t, epoch, ndcg);
    train_log_line(&train_log, t->at.step,
                   (double[]){ (double)epoch, t->at.loss, ndcg, t->adam.lr });
    effort_expect(&effort, epoch, epochs, "epochs", patience > 0 ? "--patience" : NULL);
    return over;
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
                                  sections, CF_SECTIONS });
    if (going_on)
        say("%s: going on after epoch %lld", keeper.path,
            (long long)(t->at.step / t->steps_an_epoch));
    train_log_begin(&train_log, logged, going_on, t->at.step);
    effort_steps(&effort, (long)(t->at.step / t->steps_an_epoch));
}

static void train(struct cf_trainer *t, struct filter *f)
{
    struct checkpoint_section sections[CF_SECTIONS];
    bool over;
    long epoch;

    begin(t, f, sections);
    epoch = t->at.step / t->steps_an_epoch;
    over = patience > 0 && t->at.waited >= patience;
    progress_begin("training", "steps", epochs * t->steps_an_epoch);
    while (epoch < epochs && !over) {
        over = train_epoch(t, f, ++epoch);
        if (keeper.stop_after > 0 && epoch >= keeper.stop_after)
            checkpoint_options_stop(&keeper, "epoch", epoch);
        checkpoint_options_save_sometimes(&keeper, epoch);
    }
    checkpoint_options_save(&keeper);
    progress_end();
    train_log_end(&train_log);
    say("%lld steps of %ld %s, loss %.4f in the last epoch", (long long)t->at.step, batch,
        PAIRS >> model & 1 ? "interactions" : "users", t->at.loss);
    if (t->at.best_epoch > 0) {
        say("keeping epoch %lld, the best on validation", (long long)t->at.best_epoch);
        memcpy(t->p->values, t->best, (size_t)t->p->size * sizeof *t->best);
    }
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

static void train_model(struct filter *f, const struct history *h)
{
    struct cf_options o = trainer_options();
    struct cf_trainer t;
    struct error e;

    effort_begin(&effort);
    if (cf_trainer_new(&t, (enum cf_which)model, &o, h, &e) != 0)
        die("%s", e.text);
    train(&t, f);
    if (hits && !quiet)
        say_hits(&t.model, h);
    cf_model_put(f, &t.model);
    cf_trainer_free(&t);
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct filter *f;
    struct history h;

    check_options();
    blas_start(argv);
    f = filter_open(argc, argv, first);
    history_read_keep(f);
    filter_replace(f, "cf.*");
    filter_read(f);
    history_read(f, &h);
    if (model == CF_POP)
        put_popularity(f, &h);
    else
        train_model(f, &h);
    history_free(&h);
    filter_close(f);
    if (model != CF_POP)
        effort_end(&effort);
    return STATUS_DONE;
}
