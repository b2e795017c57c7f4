/* Stage 1 of A-LLMRec: item.cf and item.text -> align.*, item.joint, item.joint_text. */
#include "align/align_input.h"
#include "align/align_losses.h"
#include "align/align_store.h"
#include "align/align_trainer.h"
#include "align/joint_report.h"
#include "cli/cli.h"
#include "metrics/expected.h"
#include "nn/blas.h"
#include "nn/checkpoint_options.h"
#include "ranks/ranks.h"
#include "ranks/training.h"
#include "util/clock.h"
#include "util/effort.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/progress.h"
#include "util/train_log.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int match = 0, ground = ALIGN_BOTH, similarity = ALIGN_DOT, net = TOWER_SHALLOW,
           targets = TARGETS_RANDOM, rec_loss = 0, negatives = NEGATIVES_SEEN;
static double match_weight = 1, rec = 1, rec_text = 0, cross = 0, temperature = .07,
              dropout = .2;
static const char *alpha = "auto", *beta = "auto", *text_scale = "auto", *lr = "auto",
                  *decay = "auto", *hidden = "512,384,256,192";
static bool learn_temperature = false, decay_biases = true;
static long dim = 128, batch = 32, epochs = 100;
static struct validation validation = { .every = 5, .users = 2500, .patience = 5 };
static struct checkpoint_options keeper;
static struct train_log train_log;
static struct effort effort;

static const struct opt options[] = {
    { OPT_CHOICE, 0, "match", &match,
      "loss that draws item vectors e and text vectors q together",
      .choices = match_names },
    { OPT_REAL, 0, "match-weight", &match_weight,
      "weight of the loss of --match; 0 turns it off",
      .low = 0, .high = 1e6 },
    { OPT_STRING, 0, "alpha", &alpha,
      "weight of the item reconstruction; 0 turns it off (auto: as --match says below)" },
    { OPT_STRING, 0, "beta", &beta,
      "weight of the text reconstruction; 0 turns it off (auto: as --match says below)" },
    { OPT_REAL, 0, "rec", &rec, "weight of the recommendation loss; 0 turns it off",
      .low = 0, .high = 1e6 },
    { OPT_CHOICE, 0, "rec-loss", &rec_loss,
      "recommendation loss: what the item that came next is compared with",
      .choices = rec_names },
    { OPT_REAL, 0, "rec-text", &rec_text,
      "weight of the recommendation loss of text vectors; 0 turns it off",
      .low = 0, .high = 1e6 },
    { OPT_REAL, 0, "cross", &cross,
      "weight of decoding text vectors to CF vectors, per variance; 0 turns it off",
      .low = 0, .high = 1e6 },
    { OPT_CHOICE, 0, "negatives", &negatives,
      "items drawn as negatives: those with a training interaction, or all",
      .choices = align_negative_names },
    { OPT_CHOICE, 0, "match-on", &ground,
      "items of match and reconstruction: targets and negatives, or targets alone",
      .choices = align_ground_names },
    { OPT_CHOICE, 0, "similarity", &similarity,
      "likeness of user and item in the recommendation loss",
      .choices = align_similarity_names },
    { OPT_REAL, 0, "temperature", &temperature, "temperature of a --match that has one",
      .low = .01, .high = 100 },
    { OPT_FLAG, 0, "learn-temperature", &learn_temperature,
      "train the temperature of --match too" },
    { OPT_STRING, 0, "text-scale", &text_scale,
      "factor that multiplies item.text (auto: as --match says below)" },
    { OPT_INT, 'd', "dim", &dim, "width of the joint space", .low = 1, .high = 65536 },
    { OPT_CHOICE, 0, "net", &net, "towers; shallow: one sigmoid layer, deep: ReLU layers",
      .choices = tower_net_names },
    { OPT_STRING, 0, "hidden", &hidden,
      "widths of the hidden layers of --net deep, from input to joint" },
    { OPT_REAL, 0, "dropout", &dropout,
      "share of numbers that --net deep drops after each hidden layer",
      .low = 0, .high = .9 },
    TARGETS_OPTION(targets),
    { OPT_STRING, 0, "lr", &lr, "learning rate of Adam (auto: 0.001; 0.0003 for deep)" },
    { OPT_STRING, 0, "weight-decay", &decay,
      "weight decay, decoupled as in AdamW (auto: 0; 0.1 for deep)" },
    { OPT_FLAG, 0, "decay-biases", &decay_biases,
      "let weights of biases decay too, as torch does" },
    EPOCH_OPTIONS(batch, epochs),
    VALIDATION_OPTIONS(validation),
    CHECKPOINT_OPTIONS(keeper, "epochs"),
    TRAIN_LOG_OPTION(train_log, "epoch"),
    { .type = OPT_END },
};

static const char *const published[] = { "lr=1e-4",       "epochs=10",
                                         "targets=last",  "similarity=mean",
                                         "negatives=all", "valid-every=0", NULL };
/* pipelines/RECIPE.md has what each of these did. */
static const char *const choice[] = { "net=deep",       "hidden=512",      "dropout=.5",
                                      "weight-decay=0", "lr=1e-3",         "beta=0",
                                      "batch=256",      "epochs=500",
                                      "rec-text=1",     "rec-loss=choice", NULL };
static const struct preset presets[] = { { "published", published },
                                         { "choice", choice },
                                         { NULL, NULL } };

/* The end of the help. */
static const char widths[] =
    "The default widths begin above a small encoder's 384 and narrow step by step\n"
    "to the joint space, so that no one layer drops much; items take the same way.";

static struct cli cli = {
    .summary = "align CF and text vectors in one joint space (stage 1)",
    .usage = "[FILE...]",
    .example = "align-train data.mr cf.mr text.mr > align.mr",
    .options = options,
    .presets = presets,
    .flags = CLI_SEED | CLI_THREADS | CLI_ONLY | CLI_PROGRESS | CLI_RANKS,
};

/* "auto" becomes what it stands for, so that the stream's history shows it. */
static double resolve(const char *option, const char **text, double automatic,
                      double high)
{
    if (strcmp(*text, "auto") == 0)
        *text = mem_format("%.9g", automatic);
    return cli_real(option, *text, 0, high);
}

/* A tower's shape but for its input. */
static struct tower_shape chosen_shape(void)
{
    struct tower_shape s = { .joint = (int)dim };
    long *list;
    int n;

    if (net == TOWER_SHALLOW)
        return s;
    n = cli_int_list("hidden", hidden, 1, TOWER_WIDTH, &list);
    if (n > TOWER_HIDDEN)
        cli_mistake("--hidden: %d layers, expected at most %d", n, TOWER_HIDDEN);
    for (s.hiddens = 0; s.hiddens < n; s.hiddens++)
        s.hidden[s.hiddens] = (int)list[s.hiddens];
    free(list);
    return s;
}

static void check_options(void)
{
    const struct match *loss = match_kinds[match];
    bool deep = net == TOWER_DEEP;
    double a = resolve("alpha", &alpha, loss->alpha, 1e6);
    double b = resolve("beta", &beta, loss->beta, 1e6);

    chosen_shape();
    resolve("lr", &lr, deep ? 3e-4 : 1e-3, 10);
    resolve("weight-decay", &decay, deep ? .1 : 0, 10);
    if (strcmp(text_scale, "auto") != 0)
        cli_real("text-scale", text_scale, 1e-6, 1e6);
    if ((!match_is_on(loss) || match_weight == 0) && a == 0 && b == 0 && rec == 0 &&
        rec_text == 0 && cross == 0)
        cli_mistake("every term of the loss is off");
    if (learn_temperature && !loss->has_temperature)
        cli_mistake("--learn-temperature: --match %s has no temperature",
                    match_names[match]);
    cli_needs("temperature", loss->has_temperature, "a --match that has one: infonce");
    cli_needs("match-weight", match_is_on(loss), "a --match that is on");
    cli_needs("hidden", deep, "--net deep");
    cli_needs("dropout", deep, "--net deep");
    cli_needs("rec-loss", rec > 0 || rec_text > 0, "--rec or --rec-text above 0");
    cli_needs("similarity", rec > 0 || rec_text > 0, "--rec or --rec-text above 0");
    checkpoint_options_check(&keeper);
    validation_check(&validation);
}

static void make_model(struct align *m, const struct align_input *in)
{
    struct align_options o = {
        .match = match_kinds[match], .match_weight = match_weight,
        .alpha = cli_real("alpha", alpha, 0, 1e6),
        .beta = cli_real("beta", beta, 0, 1e6),
        .rec = rec, .rec_text = rec_text,
        .cross = cross > 0 ? cross / align_input_variance(in) : 0,
        .rec_loss = rec_kinds[rec_loss],
        .temperature = temperature, .learn_temperature = learn_temperature,
        .mean_similarity = similarity == ALIGN_MEAN,
        .targets_only = ground == ALIGN_POSITIVES,
        .dropout = net == TOWER_DEEP ? dropout : 0,
    };
    struct tower_shape item = chosen_shape(), text = item;
    double root = sqrt((double)in->text->shape[1]);
    struct error e;

    o.text_scale =
        resolve("text-scale", &text_scale, o.match->scales_text ? root : 1, 1e6);
    item.in = (int)in->cf->shape[1];
    text.in = (int)in->text->shape[1];
    if (align_new(m, &o, item, text, &e) != 0)
        die("%s", e.text);
    align_init(m, cli_seed);
}

/* About twenty epochs, of those that are validated if any, and the first and last.
 * (Where patience ends training, the last message names the epoch that is kept.) */
static bool is_printed(long epoch)
{
    long every = validation.every > 0 ? validation.every : 1;
    long step = (epochs / every + 17) / 18 * every;

    return epoch == 1 || epoch == epochs || (step > 0 && epoch % step == 0);
}

/* "  0.1234", or nothing for NaN. */
static const char *cell(char text[32], double x)
{
    text[0] = 0;
    if (!isnan(x))
        snprintf(text, 32, "  %7.*f", fabs(x) < 1e6 ? 4 : 0, fmin(x, 1e20));
    return text;
}

/* A row of the table of losses, every term with its weight. */
static void print_epoch(const struct align_trainer *t, const struct align_parts *p,
                        double loss, const struct align_valid *v)
{
    char valid[32], e[32], q[32];

    progress_clear();
    say("%6" PRId64 "  %7.4f  %7.4f  %7.5f  %7.4f  %7.4f%s%s%s", t->at.epoch, p->match,
        p->item_recon, p->text_recon, p->rec, p->total, cell(valid, loss), cell(e, v->e),
        cell(q, v->q));
}

/* Goes on from the checkpoint where that was asked for.  More or fewer epochs are
 * the same training, longer or shorter. */
static void begin(struct align_trainer *t, struct filter *f,
                  struct checkpoint_section *sections)
{
    static const char *const except[] = { "epochs", NULL };
    static const char *const logged[] = { "epoch",      "loss",       "match",
                                          "item_recon", "text_recon", "rec",
                                          "valid_loss", "valid_ndcg@10",
                                          NULL };
    bool going_on;

    align_trainer_sections(t, sections);
    going_on = checkpoint_options_begin(&keeper, &(struct checkpoint){
                                   "align-train",
                                   checkpoint_digest(filter_digest(f), except), sections,
                                   ALIGN_SECTIONS, except });
    if (t->at.epoch > epochs)
        die("%s: holds epoch %" PRId64 ", expected at most --epochs %ld", keeper.path,
            t->at.epoch, epochs);
    if (going_on)
        say("%s: going on after epoch %" PRId64, keeper.path, t->at.epoch);
    train_log_begin(&train_log, logged, going_on, t->at.step);
    effort_steps(&effort, (long)t->at.epoch);
}

static void log_epoch(const struct align_trainer *t, const struct align_parts *p,
                      double loss, double worth)
{
    train_log_line(&train_log, t->at.step,
                   (double[]){ (double)t->at.epoch, p->total, p->match, p->item_recon,
                               p->text_recon, p->rec, loss, worth, t->adam.lr });
}

/* The lines of a log are to be the same at any --epochs, so that with it every epoch has
 * a validation loss. */
static void train_epoch(struct align_trainer *t)
{
    struct align_parts train = align_trainer_epoch(t);
    struct align_valid v = { NAN, NAN };
    bool printed = is_printed((long)t->at.epoch);
    double loss = NAN;
    char note[32];

    training_same(t->m->p.values, (size_t)t->m->p.size * sizeof(real));
    if (!isfinite(train.total))
        die("epoch %" PRId64 ": the loss is not finite; try a smaller --lr", t->at.epoch);
    if (t->valid_count > 0 && (printed || train_log_wanted(&train_log)))
        loss = align_trainer_validate(t).total;
    if (validation.every > 0 && t->at.epoch % validation.every == 0)
        v = align_trainer_judge(t, validation.users);
    if (printed)
        print_epoch(t, &train, loss, &v);
    log_epoch(t, &train, loss, align_valid_worth(&v));
    effort_expect(&effort, (long)t->at.epoch, epochs, "epochs",
                  validation.every > 0 && validation.patience > 0 ? "--patience" : NULL);
    snprintf(note, sizeof note, "loss %.4f", train.total);
    progress_update(t->at.epoch, note);
}

static void train(struct align_trainer *t, struct filter *f)
{
    struct checkpoint_section sections[ALIGN_SECTIONS];
    double start = clock_seconds();
    int64_t first;
    long from;

    training_check(align_shares(t->set.batch), "blocks of rows");
    begin(t, f, sections);
    first = t->at.epoch;
    from = (long)t->at.step;
    say(" epoch    match     item     text      rec    total%s%s%s",
        t->valid_count > 0 ? "    valid" : "", validation.every > 0 ? "   e ndcg" : "",
        validation.every > 0 && (rec_text > 0 || cross > 0) ? "   q ndcg" : "");
    progress_begin("training", "epochs", epochs);
    while (t->at.epoch < epochs && !validation_is_over(&validation, &t->at.best)) {
        train_epoch(t);
        if (keeper.stop_after > 0 && t->at.epoch >= keeper.stop_after)
            checkpoint_options_stop(&keeper, "epoch", (long)t->at.epoch);
        checkpoint_options_save_sometimes(&keeper, (long)t->at.epoch);
        filter_check_reader(f);
    }
    checkpoint_options_save(&keeper);
    if (t->at.best.epoch > 0 && t->at.epoch % validation.every != 0)
        align_trainer_judge(t, validation.users); /* not in the checkpoint: see begin */
    progress_end();
    train_log_end(&train_log);
    if (t->at.epoch > first)
        say("%" PRId64 " epochs of %ld examples, %.3f s each", t->at.epoch - first,
            t->s->count, (clock_seconds() - start) / (double)(t->at.epoch - first));
    if (t->at.best.epoch > 0)
        say("keeping epoch %" PRId64 ", the best on validation: ndcg@10/%d %.4f",
            t->at.best.epoch, EXPECTED_NEGATIVES + 1, t->at.best.worth);
    training_say((long)t->at.step - from);
    align_trainer_finish(t);
}

static void train_model(struct align *m, const struct align_input *in, struct filter *f)
{
    struct align_settings set = {
        .lr = cli_real("lr", lr, 0, 10), .decay = cli_real("weight-decay", decay, 0, 10),
        .beta1 = .9, .beta2 = .98, .decoupled = true, .decay_vectors = decay_biases,
        .batch = (int)batch, .seed = cli_seed,
    };
    struct align_trainer t;
    struct align_examples s;
    struct error e;

    if (align_examples_new(&s, &in->h, &in->users, targets, negatives == NEGATIVES_SEEN,
                           &e) != 0)
        die("%s", e.text);
    if (s.skipped > 0)
        say("%ld users know every item: no negatives for them, left out", s.skipped);
    align_trainer_new(&t, &set, m, &s, in->cf->data, in->text->data);
    if (validation_begin(&validation, t.valid_count > 0, &e) != 0)
        die("%s", e.text);
    train(&t, f);
    align_trainer_free(&t);
    align_examples_free(&s);
}

static void write_results(struct filter *f, const struct align *m,
                          const struct align_input *in)
{
    char cf[DIGEST_TEXT], text[DIGEST_TEXT];
    struct tensor e, q;

    align_put(f, m, tensor_digest_text(in->cf, cf), tensor_digest_text(in->text, text));
    e = align_put_joint(f, m, false, in->cf);
    q = align_put_joint(f, m, true, in->text);
    if (m->o.match->has_temperature)
        say("temperature %.4f", align_temperature(m));
    if (!quiet && e.shape[0] > 0)
        joint_report(in->cf, in->text, &e, &q, cli_seed);
    tensor_free(&e);
    tensor_free(&q);
}

int main(int argc, char **argv)
{
    int first;
    struct align_input in = { .h = { 0 } };
    struct filter *f;
    struct align m;

    cli.footer = align_losses_text(widths);
    first = cli_parse(argc, argv, &cli);
    check_options();
    blas_start(argv);
    training_begin(&train_log, blas_kernels(), checkpoint_digest(0, NULL));
    f = filter_open(argc, argv, first);
    align_input_keep(f, targets);
    filter_read(f);
    effort_begin(&effort);
    align_input_load(&in, f, targets, validation_is_asked(&validation));
    make_model(&m, &in);
    train_model(&m, &in, f);
    write_results(f, &m, &in);
    align_free(&m);
    history_free(&in.h);
    filter_close(f);
    effort_end(&effort);
    ranks_end();
    return STATUS_DONE;
}
