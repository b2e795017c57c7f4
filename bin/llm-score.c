/* Scores candidates by the likelihood that a language model gives their titles,
 * with or without soft tokens of users and items. */
#include "history/lookup.h"
#include "nn/blas.h"
#include "project/scored_split.h"
#include "project/stage2_show.h"
#include "project/stage2_trained.h"
#include "prompt/continuations.h"
#include "stream/reads.h"
#include "util/channel_each.h"
#include "util/escape.h"
#include "util/mem.h"
#include "util/progress.h"

#include <stdlib.h>

#define USERS_A_BLOCK 32 /* scored between two looks at the reader */

static struct stage2_options common = { STAGE2_DEFAULTS, .template = "recall" };
static const char *as = "llm", *texts = "", *shown = "";
static int norm = NORM_CHOICE;
static long orders = 1;
static bool lines = false, shuffle_history = false;

static const struct opt options[] = {
    STAGE2_OPTIONS(common),
    { OPT_GROUP, .name = "Scores" },
    { OPT_CHOICE, 0, "norm", &norm,
      "score of a title: as a choice among the titles, or its log-likelihood",
      .choices = score_norm_names },
    { OPT_REAL, 0, "calibrate", &common.calibrate,
      "share of what the LLM says on average over the hypotheses of --guess each that is "
      "taken off a score", 0, 1 },
    { OPT_INT, 0, "orders", &orders, "candidate orders that a score is the mean over",
      1, 1000 },
    { OPT_FLAG, 0, "shuffle-history", &shuffle_history,
      "put the prompt's history into a random order" },
    PART_OPTIONS,
    { OPT_STRING, 0, "as", &as, "name of the scores" },
    { OPT_STRING, 0, "texts", &texts,
      "score the texts of cand.NAME.text in place of candidates" },
    STAGE2_SHOW_OPTION(shown, "in place of scoring"),
    { OPT_FLAG, 0, "lines", &lines,
      "read lines of prompt<TAB>candidate<TAB>... and print log-likelihoods" },
    { 0 }
};

static const char *const given[] = { STAGE2_GIVEN, NULL };

static const struct synonym synonyms[] = { STAGE2_SYNONYMS, { 0 } };

static const struct cli cli = {
    .synonyms = synonyms,
    .summary = "score candidates by an LLM's likelihood of their titles",
    .usage = "[FILE...]",
    .example = "llm-score -m SmolLM2.gguf data.mr cf.mr align.mr cand.mr proj.mr |\n"
               "      metrics",
    .options = options,
    .flags = CLI_SEED | CLI_THREADS | CLI_ONLY | CLI_PROGRESS,
    .given = given,
    .footer = STAGE2_FOOTER "  --norm choice: the\n"
              "probability of choosing the title token by token where titles still\n"
              "differ; sum: its log-likelihood with end-of-sequence; token, byte: sum\n"
              "divided by scored tokens, by the title's bytes.",
};

static void keep_inputs(struct filter *f)
{
    row_part_open(f);
    stage2_trained_keep(f, &common);
    filter_declare(f);
}

static void add_scores(struct scored_split *s, int64_t row, struct row_request *r)
{
    float *score = (float *)s->score.data + row * s->set.columns;

    for (int i = 0; i < r->request.count; i++)
        score[r->order[i]] += (float)(r->request.score[i] / (double)orders);
    row_request_free(r);
}

static void score_split(struct scored_split *s, const struct stage2_data *d,
                        struct filter *f)
{
    struct row_request block[USERS_A_BLOCK];
    struct stage2_request requests[USERS_A_BLOCK];
    int64_t rows = s->set.rows, total = rows * orders;
    long dropped = 0, less;
    struct error e;
    char *of;

    progress_begin("scoring", "users", (long)total);
    for (int64_t at = 0; at < total; at += USERS_A_BLOCK) {
        int n = (int)(total - at < USERS_A_BLOCK ? total - at : USERS_A_BLOCK);

        for (int i = 0; i < n; i++) {
            row_request_open(&block[i], d, s, (at + i) / orders, (at + i) % orders);
            requests[i] = block[i].request;
        }
        less = stage2_score(&d->stage2, requests, n, (enum score_norm)norm, &e);
        if (less < 0)
            die("cand.%s: %s", s->name, e.text);
        dropped += less;
        for (int i = 0; i < n; i++)
            add_scores(s, (at + i) / orders, &block[i]);
        progress_update((long)(at + n), NULL);
        filter_check_reader(f);
    }
    progress_end();
    of = mem_format("cand.%s", s->name);
    stage2_say_dropped(of, dropped);
    free(of);
    scored_split_mark_pads(s);
}

/* share is that of stage2's calibration. */
static void put_split(struct scored_split *s, struct filter *f, double share)
{
    char *name = mem_format("score.%s.%s", s->name, as);
    char averaged[32], calibrated[32];
    struct attr attrs[] = { { "candidates", s->set.digest },
                            { "by", filter_name },
                            { "norm", score_norm_names[norm] },
                            { "calibrate", calibrated },
                            { "orders", averaged },
                            { 0 } };

    snprintf(averaged, sizeof averaged, "%ld", orders);
    snprintf(calibrated, sizeof calibrated, "%g", share);
    row_part_put(f, &s->set.part, name, &s->score, attrs);
    free(name);
}

/* Prints the rows of the user, in every order; returns how many there are. */
static long show_rows(const struct scored_split *s, const struct stage2_data *d, int user,
                      const char *id)
{
    char *of = mem_format("cand.%s", s->name);
    long found = 0, dropped = 0;

    for (int64_t at = 0; at < s->set.rows * orders; at++) {
        struct row_request r;
        struct error e;
        char *whose;
        int less;

        if (s->set.user[at / orders] != user)
            continue;
        whose = mem_format(orders > 1 ? "user %s, %s, order %ld of %ld" : "user %s, %s",
                           id, of, (long)(at % orders) + 1, orders);
        row_request_open(&r, d, s, at / orders, at % orders);
        less = stage2_show(stdout, whose, &d->stage2, &r.request, &e);
        if (less < 0)
            die("%s: %s", whose, e.text);
        dropped += less;
        found++;
        row_request_free(&r);
        free(whose);
    }
    stage2_say_dropped(of, dropped);
    free(of);
    return found;
}

static void show_user(const struct scored_split *splits, int count,
                      const struct stage2_data *d, const struct texts *ids, int user)
{
    char *id = escape_printed(texts_at(ids, user));
    long found = 0;

    for (int i = 0; i < count; i++)
        found += show_rows(&splits[i], d, user, id);
    for (int i = 0; i < count && found == 0; i++)
        if (splits[i].set.rows > 0)
            die("--show-prompt: no candidates of user '%s' in the input; the first user "
                "that has some is '%s'", id, texts_at(ids, splits[i].set.user[0]));
    free(id);
}

static void show_users(struct scored_split *splits, int count,
                       const struct stage2_data *d, struct filter *f)
{
    const struct texts *ids = filter_texts(f, "user.id", "data-import");
    int users;
    int32_t *user = lookup_users(ids, shown, "show-prompt", &users);

    for (int i = 0; i < users; i++)
        show_user(splits, count, d, ids, user[i]);
    free(user);
}

static void score_splits(struct scored_split *splits, int count,
                         const struct stage2_data *d, struct filter *f)
{
    for (int i = 0; i < count; i++) {
        score_split(&splits[i], d, f);
        put_split(&splits[i], f, d->stage2.calibrate);
    }
}

/* What is there to score, into splits; returns how many there are. */
static int open_splits(struct scored_split splits[3], struct filter *f,
                       struct stage2_data *d)
{
    static const int known[] = { SPLIT_TEST, SPLIT_VALID, SPLIT_NEXT };
    int count = 0;

    if (texts[0]) {
        scored_split_texts(&splits[0], f, texts, d, common.users);
        return 1;
    }
    for (int i = 0; i < 3; i++)
        count += scored_split_candidates(&splits[count], f, known[i], d, common.users);
    return count;
}

static void score_stream(const struct llm *llm, struct filter *f)
{
    struct stage2_data data;
    struct scored_split splits[3];
    int count;

    filter_read(f);
    stage2_trained_options(&common, f, common.model);
    if (texts[0] && !cli_given("template"))
        common.template = "genre"; /* the training's asks for an item */
    common.any_template = texts[0];
    stage2_trained_load(&data, f, llm, &common);
    if (common.calibrate > 0) /* 0 is what all others do */
        cli_needs("calibrate", data.stage2.guess.each, "--guess each");
    data.history.shuffle = shuffle_history ? &cli_seed : NULL;
    count = open_splits(splits, f, &data);
    if (count == 0 && !row_part_fragment)
        filter_die_missing(f, "cand.test.user", "cand-sample");
    (shown[0] ? show_users : score_splits)(splits, count, &data, f);
    for (int i = 0; i < count; i++)
        scored_split_free(&splits[i]);
    stage2_data_free(&data);
    filter_close(f);
}

static int score_lines(struct channel *in, const char *name, void *llm, struct error *e)
{
    return continuations_score(llm, in, name, e);
}

/* What makes prompts and scores, which lines have by themselves. */
static const char *const of_users[] = { STAGE2_PROMPT_NAMES, "norm", "calibrate",
                                        "orders", "shuffle-history", "as", "show-prompt",
                                        NULL };

/* What has to do with scores alone. */
static const char *const of_scores[] = { "norm", "calibrate", "as", "part", "fragment",
                                         NULL };

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct filter *f = NULL;
    struct error e;
    struct llm llm;

    row_part_parse();
    if (lines && texts[0])
        cli_mistake("--lines and --texts: one or the other");
    if (lines)
        cli_needs_none(of_users, "--lines");
    if (lines && (row_part_share || row_part_fragment))
        cli_mistake("--lines: only a stream can be computed in parts");
    if (shown[0])
        cli_needs_none(of_scores, "--show-prompt");
    if (shown[0]) /* no score is computed: weights need not be read */
        common.weights = FROZEN_IN_FILE;
    blas_start(argv);
    if (lines)
        reads_bytes("words");
    else
        keep_inputs(f = shown[0] ? filter_open_reading(argc, argv, first)
                                 : filter_open(argc, argv, first));
    stage2_open_llm(&llm, &common);
    if (lines && channel_each(argv + first, argc - first, score_lines, &llm, &e) < 0)
        die("%s", e.text);
    if (lines) {
        channel_finish_stdout();
        llm_say_rows();
    } else
        score_stream(&llm, f);
    llm_close(&llm);
    return 0;
}
