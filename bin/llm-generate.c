/* Writes what a language model says behind a prompt of its own for each user, with or
 * without soft tokens of users and items. */
#include "cand/candidate_set.h"
#include "cand/candidates.h"
#include "history/sample.h"
#include "llm/generate_lines.h"
#include "nn/blas.h"
#include "project/stage2_prompt.h"
#include "project/stage2_trained.h"
#include "stream/reads.h"
#include "util/channel_each.h"
#include "util/escape.h"
#include "util/mem.h"
#include "util/progress.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>
#include <string.h>


static struct stage2_options common = { STAGE2_DEFAULTS, .template = "recall",
                                        .any_template = true };
static const char *stops = "", *as = "";
static double temperature = 0, top_p = 1;
static long max_tokens = 64, user_count = 0, batch = 16;
static int moment = SPLIT_TEST - SPLIT_VALID; /* --for, of split_names from valid on */
static bool lines = false;

static const struct opt options[] = {
    STAGE2_OPTIONS(common),
    { OPT_GROUP, .name = "Texts" },
    { OPT_CHOICE, 0, "for", &moment,
      "item that the prompt ends before: the validation, the test or the next one", 0, 0,
      split_names + SPLIT_VALID },
    SAMPLE_USERS_OPTION(user_count, "write"),
    { OPT_INT, 0, "max-tokens", &max_tokens, "longest text in tokens", 1, 1e6 },
    { OPT_STRING, 0, "stop", &stops,
      "texts that end an answer, bars between: '\\n|User:'" },
    { OPT_REAL, 0, "temperature", &temperature,
      "temperature of the draws; 0 takes the likeliest token",
      0, 100 },
    { OPT_REAL, 0, "top-p", &top_p,
      "draw among the likeliest tokens that have this share of the probability", 1e-6,
      1 },
    { OPT_INT, 0, "batch", &batch, "texts that are written at a time", 1, 1024,
      .record = OPT_IDLE },
    { OPT_STRING, 0, "as", &as, "write the stream, with the texts as gen.NAME.*" },
    { OPT_FLAG, 0, "lines", &lines,
      "read prompts, one a line, and print a line for each" },
    { 0 }
};

static const char *const given[] = { STAGE2_GIVEN, NULL };

static const struct synonym synonyms[] = { STAGE2_SYNONYMS, { 0 } };

static const struct cli cli = {
    .synonyms = synonyms,
    .summary = "write what an LLM says behind each user's prompt",
    .usage = "[FILE...]",
    .example = "llm-generate -t genre --users 3 --stop '\\n' data.mr cf.mr align.mr \\\n"
               "      proj.mr",
    .options = options,
    .flags = CLI_SEED | CLI_THREADS | CLI_ONLY | CLI_PROGRESS,
    .given = given,
    .footer = "A line for each user: the id, a tab, the text.  \\n in it is a new line.\n"
              STAGE2_FOOTER,
};

/* Who is asked about, and with what candidates. */
struct asked {
    int32_t *user;            /* (rows) */
    int64_t *row;             /* (rows) their rows of set */
    int rows;
    bool lists;               /* the template lists candidates: set is there */
    struct candidate_set set;
    const struct tensor *vectors; /* (users, width), NULL without users */
};

/* SPLIT_VALID, SPLIT_TEST or SPLIT_NEXT. */
static int split_asked(void)
{
    return SPLIT_VALID + moment;
}

static void keep_inputs(struct filter *f)
{
    stage2_trained_keep(f, &common);
    filter_declare(f);
}

/* All users, or those of the candidates. */
static void list_users(struct asked *a, struct filter *f, const struct stage2_data *d)
{
    char *name = mem_format("cand.%s.user", split_names[split_asked()]);
    bool there = filter_has(f, name);
    const struct tensor *t =
        there ? filter_tensor(f, name, DT_I4, 1, "cand-sample") : NULL;
    const int32_t *from = t ? t->data : NULL;

    a->rows = t ? (int)tensor_rows(t) : d->history.users;
    a->user = mem_new((size_t)a->rows + 1, sizeof *a->user);
    for (int i = 0; i < a->rows; i++) {
        a->user[i] = from ? from[i] : i;
        if (a->user[i] < 0 || a->user[i] >= d->history.users)
            die("'%s' row %d: user %d, expected 0 to %d", name, i, a->user[i],
                d->history.users - 1);
    }
    free(name);
}

/* A seeded sample of them, and where each stands among the candidates. */
static void sample_users(struct asked *a)
{
    int32_t *all = mem_new((size_t)a->rows + 1, sizeof *all);
    int count = a->rows, i = 0;

    memcpy(all, a->user, (size_t)a->rows * sizeof *all);
    if (user_count > a->rows)
        die("--users %ld: there are only %d", user_count, a->rows);
    if (user_count > 0)
        a->rows = candidates_sample_users(a->user, a->rows, (int)user_count, cli_seed);
    a->row = mem_new((size_t)a->rows + 1, sizeof *a->row);
    for (int64_t r = 0; r < count && i < a->rows; r++)
        if (all[r] == a->user[i])
            a->row[i++] = r;
    free(all);
}

static void choose(struct asked *a, struct filter *f, const struct stage2_data *d)
{
    char *name = mem_format("cand.%s.user", split_names[split_asked()]);

    *a = (struct asked){ .lists = d->template.lists };
    if (a->lists && !filter_has(f, name))
        die("the template lists candidates, and there is no '%s' in the input: run "
            "cand-sample first, or choose another one (-t genre)%s", name,
            filter_pipe(f, "cand-sample", name));
    if (a->lists)
        candidate_set_take(&a->set, f, split_names[split_asked()], d->history.users,
                           d->stage2.item_count);
    list_users(a, f, d);
    sample_users(a);
    if (common.users)
        a->vectors = filter_tensor_sized(f, split_vectors[split_asked()], DT_F4,
                                         d->history.users,
                                         d->user_in, "cf-embed");
    free(name);
}

/* The prompt of row i; what had no room of its history, or -1 and the reason. */
static int make_prompt(struct generation *t, const struct stage2_data *d,
                       const struct asked *a, int i, struct error *e)
{
    struct example example =
        stage2_example(d, a->user[i], split_asked(), a->vectors);
    int columns = a->lists ? (int)a->set.columns : 0, n = 0;
    const int32_t *items = a->lists ? a->set.item + a->row[i] * columns : NULL;
    int *candidate = mem_new((size_t)columns + 1, sizeof *candidate);
    struct stage2_prompt p;
    int result;

    for (int k = 0; k < columns; k++)
        if (items[k] >= 0)
            candidate[n++] = items[k];
    result = stage2_prompt(&p, &d->stage2, &example,
                           split_asked() == SPLIT_VALID ? SPLIT_VALID : SPLIT_TEST,
                           candidate, n, (int)max_tokens - 1, e);
    *t = (struct generation){ p.embeddings, p.rows, (uint64_t)a->user[i], NULL, 0 };
    free(candidate);
    return result < 0 ? -1 : p.dropped;
}

/* Prompts of rows [first, first + n), in parallel; what had no room in all. */
static long make_prompts(struct generation *list, const struct stage2_data *d,
                         const struct asked *a, int first, int n)
{
    struct error *e = mem_new((size_t)n, sizeof *e);
    int *dropped = mem_new((size_t)n, sizeof *dropped);
    long sum = 0;

#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < n; i++)
        dropped[i] = make_prompt(&list[i], d, a, first + i, &e[i]);
    for (int i = 0; i < n; i++) {
        if (dropped[i] < 0)
            die("user %d: %s", a->user[first + i], e[i].text);
        sum += dropped[i];
    }
    free(e);
    free(dropped);
    return sum;
}

/* Where a text goes: to a line, or into the stream. */
static void put_text(struct texts *texts, const struct texts *ids, int user,
                     struct generation *t)
{
    if (as[0]) {
        texts_add(texts, t->text, t->bytes);
    } else {
        void (*put)(FILE *, const char *, size_t) =
            isatty(STDOUT_FILENO) ? escape_print : escape_put;

        put(stdout, texts_at(ids, user), texts_length(ids, user));
        putchar('\t');
        put(stdout, t->text, t->bytes);
        putchar('\n');
    }
    free(t->text);
}

static void write_users(struct generator *g, const struct stage2_data *d,
                      const struct asked *a, struct texts *texts, struct filter *f)
{
    const struct texts *ids = filter_texts(f, "user.id", "data-import");
    int together = generate_lines_batch(g->llm, (int)batch);
    struct generation *list = mem_new((size_t)together, sizeof *list);
    long dropped = 0;

    progress_begin("writing", "users", a->rows);
    for (int at = 0; at < a->rows; at += together) {
        int n = a->rows - at < together ? a->rows - at : together;

        dropped += make_prompts(list, d, a, at, n);
        generate(g, list, n);
        progress_clear();
        for (int i = 0; i < n; i++) {
            if (list[i].overflowed)
                die("user %d: the model's output is not finite with these vectors and "
                    "'proj.*'", a->user[at + i]);
            put_text(texts, ids, a->user[at + i], &list[i]);
        }
        if (as[0])
            filter_check_reader(f);
        else
            channel_flush_stdout();
        progress_update(at + n, NULL);
    }
    progress_end();
    stage2_say_dropped("", dropped);
    free(list);
}

static void put_stream(struct filter *f, const struct asked *a, const struct texts *texts)
{
    char *names[] = { mem_format("gen.%s.user", as), mem_format("gen.%s.text", as) };
    struct tensor user = tensor_view1(DT_I4, a->rows, a->user);
    const struct attr attrs[] = { { "by", filter_name },
                                  { "split", split_names[split_asked()] },
                                  { NULL, NULL } };
    const struct series_out group[] = { { names[0], &user, NULL, attrs },
                                        { names[1], NULL, texts, attrs } };

    filter_put_group(f, group, 2);
    free(names[0]);
    free(names[1]);
}

static void write_stream(struct generator *g, struct filter *f)
{
    struct stage2_data data;
    struct texts texts = { 0 };
    struct asked asked;

    filter_read(f);
    stage2_trained_options(&common, f, common.model);
    stage2_trained_load(&data, f, g->llm, &common);
    choose(&asked, f, &data);
    write_users(g, &data, &asked, &texts, f);
    if (as[0])
        put_stream(f, &asked, &texts);
    texts_free(&texts);
    free(asked.user);
    free(asked.row);
    stage2_data_free(&data);
    filter_close(f);
}

static int answer_lines(struct channel *in, const char *name, void *generator,
                        struct error *e)
{
    struct generator *g = generator;

    return generate_lines_answer(g, in, name, generate_lines_batch(g->llm, (int)batch),
                                 e);
}

static void say_speed(const struct generator *g)
{
    say("prompts: %ld tokens, %.0f tokens/s; written: %ld tokens, %.1f tokens/s",
        g->prompt_rows, (double)g->prompt_rows / fmax(g->prompt_seconds, 1e-9), g->tokens,
        (double)g->tokens / fmax(g->token_seconds, 1e-9));
}

/* What makes prompts, which lines are by themselves. */
static const char *const of_users[] = { STAGE2_PROMPT_NAMES, "for", "users", NULL };

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct generator g = { .sampler = { temperature, top_p, cli_seed },
                           .max_tokens = (int)max_tokens };
    struct filter *f = NULL;
    struct error e;
    struct llm llm;

    if (lines && as[0])
        cli_mistake("--lines and --as: one or the other");
    if (lines)
        cli_needs_none(of_users, "--lines");
    cli_needs("top-p", temperature > 0, "--temperature above 0");
    if (!(g.stop = generate_lines_stops(stops, &e)))
        cli_mistake("--stop: %s", e.text);
    blas_start(argv);
    if (lines)
        reads_bytes("words");
    else
        keep_inputs(f = as[0] ? filter_open(argc, argv, first)
                              : filter_open_reading(argc, argv, first));
    stage2_open_llm(&llm, &common);
    g.llm = &llm;
    g.workspaces = decoder_pool_new(RECOMPUTE_AUTO);
    if (lines && channel_each(argv + first, argc - first, answer_lines, &g, &e) < 0)
        die("%s", e.text);
    if (lines)
        channel_finish_stdout();
    else
        write_stream(&g, f);
    say_speed(&g);
    decoder_pool_free(g.workspaces);
    generate_lines_stops_free(g.stop);
    llm_close(&llm);
    return 0;
}
