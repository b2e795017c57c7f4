/* Joins scores with the truth: a table of HR@k, NDCG@k and MRR. */
#include "cli/cli.h"
#include "evaluation/judge.h"
#include "evaluation/metric_list.h"
#include "evaluation/report.h"
#include "evaluation/trec_read.h"
#include "evaluation/trec_write.h"
#include "history/warmth.h"
#include "stream/filter.h"
#include "util/file.h"
#include "util/file_guard.h"
#include "util/mem.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const char *cutoffs = "1,10", *measures = "hr,ndcg,mrr", *compare = "",
                  *group = "";
static const char *qrels = NULL, *trec_run = "", *trec_qrels = "";
static double warm = WARM_SHARE, cold = COLD_SHARE;
static long warm_least = -1, cold_most = -1;
static long resamples = 10000, rounds = 10000;
static int cluster = CLUSTER_USER;
static int format = REPORT_TEXT;
static bool chance = true, pool;

static const struct opt options[] = {
    { OPT_STRING, 'k', "k", &cutoffs, "cut-offs k of hr@k, ndcg@k and others",
      0, 0, NULL, 0 },
    { OPT_STRING, 'c', "compare", &compare,
      "test scorer A of A,B,... against each of the others" },
    { OPT_FLAG, 0, "pool", &pool,
      "one row NAME for scorers NAME@RUN, such as seeds: users' means over the runs" },
    { OPT_STRING, 'm', "measures", &measures,
      "metrics to show, joined by commas, of:" METRIC_WORDS },
    { OPT_STRING, 0, "group", &group,
      "add rows for groups of users: warmth of the true item, or a tensor: user.gender" },
    { OPT_REAL, 0, "warm", &warm, "share of the items that --group warmth takes for warm",
      0, 1, NULL, 0 },
    { OPT_REAL, 0, "cold", &cold, "share of the items that --group warmth takes for cold",
      0, 1, NULL, 0 },
    { OPT_INT, 0, "warm-least", &warm_least,
      "training interactions from which an item is warm; -1: as --warm says",
      -1, 1e15, NULL, 0 },
    { OPT_INT, 0, "cold-most", &cold_most,
      "training interactions up to which an item is cold; -1: as --cold says",
      -1, 1e15, NULL, 0 },
    { OPT_CHOICE, 0, "cluster", &cluster,
      "draw for intervals and tests users, true items, both, or what the input needs",
      .choices = cluster_names },
    { OPT_INT, 0, "resamples", &resamples, "bootstrap resamples of an interval",
      100, 1e6, NULL, 0 },
    { OPT_INT, 0, "rounds", &rounds, "random sign flips of a test of --compare",
      100, 1e7, NULL, 0 },
    { OPT_FLAG, 0, "chance", &chance, "begin with a row for chance", 0, 0, NULL, 0 },
    FORMAT_OPTION(format, report_formats),
    { OPT_OUTPUT, 0, "trec-run", &trec_run,
      "write the test scores to FILE, as a TREC run" },
    { OPT_OUTPUT, 0, "trec-qrels", &trec_qrels,
      "write the true items to FILE, as TREC's qrels" },
    { OPT_PATH, 0, "qrels", &qrels,
      "judge the named files, TREC runs, by the qrels in FILE" },
    { .type = OPT_END }
};

static const struct synonym synonyms[] = {
    FORMAT_SYNONYMS,
    { "markdown", "format=markdown" },
    { "per-user", "format=per-user" },
    { 0 },
};

static const struct cli cli = {
    .summary = "compare scores with the truth",
    .usage = "[FILE...]",
    .example = "llm-score -m SmolLM2.gguf in.mr | metrics -k 1,10 --compare llm,cf",
    .options = options,
    .synonyms = synonyms,
    .flags = CLI_SEED | CLI_THREADS,
    .footer = "A row for each score.test.* and score.valid.*.  hr@10/20 uniform: the\n"
              "truth among the first 10 of 20 candidates, the others drawn uniformly.\n"
              "hr@10/full, of rank.*: of all items but the user's other interactions.",
};

static int choose_metrics(struct metric **metric)
{
    long *k;
    int n = cli_int_list("k", cutoffs, 1, 1000000, &k), count;
    struct error e;

    count = metric_list_parse(measures, k, n, metric, &e);
    if (count < 0)
        cli_mistake("--measures: %s", e.text);
    free(k);
    return count;
}

/* The names of --compare A,B,C, cut in a copy of it; closed by NULL, free both. */
static char **names_to_compare(char **copy)
{
    char **name = mem_new(strlen(compare) + 2, sizeof *name), *rest;
    int n = 0;

    *copy = mem_string(compare);
    rest = compare[0] ? *copy : NULL;
    while ((name[n] = strsep(&rest, ",")))
        if (!*name[n++])
            cli_mistake("--compare: '%s' has an empty name", compare);
    if (n == 1)
        cli_mistake("--compare: '%s' is not two or more names, A,B", compare);
    return name;
}

/* A minus B wherever both have scores. */
static void compare_pair(struct evaluation *v, int count, const char *a, const char *b)
{
    int done = 0;

    for (int n = 0; n < count; n++) {
        int i = evaluation_find(&v[n], a), j = evaluation_find(&v[n], b);

        if (i < 0 || j < 0)
            continue;
        evaluation_compare(&v[n], i, j, (int)rounds);
        done++;
    }
    if (!done)
        die("--compare: no split has scores of both '%s' and '%s'", a, b);
}

/* Formats without a place for notes say them beside the table. */
static void say_notes(const struct evaluation *v)
{
    if (format != REPORT_TSV && format != REPORT_USERS)
        return;
    for (int i = 0; i < v->notes; i++)
        say("%s: %s", v->split, v->note[i]);
}

static const char *const of_warmth[] = { "warm", "cold", "warm-least", "cold-most",
                                         NULL };

static struct judge choose_judge(const struct metric *metric, int metrics)
{
    struct judge j = { .metric = metric, .metrics = metrics,
                       .resamples = (int)resamples, .seed = cli_seed, .pool = pool,
                       .cluster = (enum cluster)cluster,
                       .group = group,
                       .warmth = { warm, cold, warm_least, cold_most },
                       .item_ids = *trec_run || *trec_qrels };

    for (const char *const *o = of_warmth; *o; o++)
        cli_needs(*o, strcmp(group, "warmth") == 0, "--group warmth");
    cli_needs("rounds", *compare, "--compare A,B");
    if (warm_least < 0 && cold_most < 0 && warm + cold > 1)
        cli_mistake("--warm %g and --cold %g are more than all items", warm, cold);
    if (warm_least >= 0 && cold_most >= warm_least)
        cli_mistake("--warm-least %ld and --cold-most %ld: an item would be both",
                    warm_least, cold_most);
    if (pool && *trec_run)
        cli_mistake("--trec-run writes one scorer's scores, --pool has means over runs");
    if (qrels && (*group || *trec_run || *trec_qrels))
        cli_mistake("--qrels judges files: it goes with neither --group nor --trec-run "
                    "nor --trec-qrels");
    if (qrels && cluster != CLUSTER_USER)
        cli_mistake("--qrels: its queries may have many true items: --cluster user");
    if (qrels && metric_list_any_toplist(metric, metrics))
        cli_mistake("--qrels: its files know no catalogue, which measures of lists need");
    return j;
}

/* The table of drawn candidates that comes last: test, or else validation. */
static const struct evaluation *table_to_write(const struct evaluation *v, int count)
{
    while (count-- > 0)
        if (v[count].item && v[count].true_item)
            return &v[count];
    die("--trec-run, --trec-qrels: no candidates were scored whose true items are known");
}

static void write_run(struct filter *f, const struct evaluation *v,
                      const struct trec_ids *ids, const char *scorer)
{
    const char *place = strstr(trec_run, "{scorer}");
    char *score = mem_format("score.%s.%s", v->split, scorer);
    char *path = place ? mem_format("%.*s%s%s", (int)(place - trec_run), trec_run, scorer,
                                    place + strlen("{scorer}"))
                       : mem_string(trec_run);
    int64_t tied;
    struct error e;

    if (*trec_qrels && file_guard_same(path, trec_qrels))
        die("--trec-run of '%s' and --trec-qrels are the same file", scorer);
    if (trec_write_run(v, ids, filter_tensor(f, score, DT_F4, 2, "cf-score")->data,
                       scorer, path, &tied, &e) < 0)
        die("%s", e.text);
    if (tied > 0)
        say("%s: %lld of %lld users have equal scores, in an order drawn by the seed",
            path, (long long)tied, (long long)v->users);
    free(score);
    free(path);
}

/* Scorers' names come from streams, and choose no folder. */
static void check_run_names(const struct evaluation *v)
{
    bool named = strstr(trec_run, "{scorer}");

    if (*trec_run && v->scorers > 1 && !named)
        die("--trec-run: %d scorers of the %s split, and a run is of one: put {scorer} "
            "into the name of the file", v->scorers, v->split);
    for (int s = 0; named && s < v->scorers; s++)
        if (strchr(v->scorer[s].name, '/'))
            die("--trec-run: the scorer's name '%s' is no part of a file's name",
                v->scorer[s].name);
}

static void write_trec(struct filter *f, const struct evaluation *tables, int count)
{
    const struct evaluation *v = table_to_write(tables, count);
    struct trec_ids ids = { judge_user_ids(f), NULL };
    struct error e;

    if (filter_has(f, "item.id"))
        ids.item = filter_texts(f, "item.id", "data-import");
    check_run_names(v);
    if (*trec_qrels && trec_write_qrels(v, &ids, trec_qrels, &e) < 0)
        die("%s", e.text);
    for (int s = 0; *trec_run && s < v->scorers; s++)
        write_run(f, v, &ids, v->scorer[s].name);
}

/* The table, and then what was said about it. */
static void print(struct report *report, struct evaluation *v, int count)
{
    report_print(stdout, report, v, count);
    for (int i = 0; i < count; i++) {
        say_notes(&v[i]);
        evaluation_free(&v[i]);
    }
}

static void compare_all(struct evaluation *v, int count, char **names)
{
    for (int i = 0; names[i]; i++)
        evaluation_needs(v, count, "compare", names[i]);
    for (int i = 1; names[0] && names[i]; i++)
        compare_pair(v, count, names[0], names[i]);
}

/* Scores in streams. */
static struct filter *judge_streams(int argc, char **argv, int first, struct judge *judge,
                                    struct report *report, char **names)
{
    struct filter *f = filter_open_reading(argc, argv, first);
    struct evaluation v[JUDGED_TABLES];
    int count;

    judge_keep(judge, f);
    filter_read(f);
    count = judge_all(judge, f, v);
    report->ids = judge_user_ids(f);
    compare_all(v, count, names);
    if (*trec_run || *trec_qrels)
        write_trec(f, v, count);
    print(report, v, count);
    judge_free(judge);
    return f;
}

/* TREC's files. */
static struct filter *judge_files(int argc, char **argv, int first,
                                  const struct judge *judge, struct report *report,
                                  char **names)
{
    struct evaluation v = { .metric = judge->metric, .metrics = judge->metrics,
                            .resamples = judge->resamples, .seed = judge->seed };
    struct filter *f = filter_open_words();
    struct trec t;
    struct error e;

    if (first == argc)
        cli_mistake("--qrels: no run to judge");
    for (int i = first; i < argc; i++)
        filter_reads_file(f, argv[i]);
    filter_read(f);
    if (trec_read_qrels(&t, qrels, &e) < 0)
        die("%s", e.text);
    trec_begin(&v, &t, file_base(qrels));
    for (int i = first; i < argc; i++)
        if (trec_add_run(&v, &t, argv[i], &e) < 0)
            die("%s", e.text);
    if (pool)
        evaluation_pool(&v);
    evaluation_finish(&v);
    compare_all(&v, 1, names);
    report->ids = &t.queries;
    report->chance = false;
    print(report, &v, 1);
    trec_free(&t);
    return f;
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct report report = { .format = (enum report_format)format, .chance = chance };
    struct metric *metric;
    int metrics = choose_metrics(&metric);
    struct judge judge = choose_judge(metric, metrics);
    char *copy, **names = names_to_compare(&copy);
    struct filter *f;

    setlocale(LC_CTYPE, "");
    if (qrels)
        f = judge_files(argc, argv, first, &judge, &report, names);
    else
        f = judge_streams(argc, argv, first, &judge, &report, names);
    free(metric);
    free(names);
    free(copy);
    filter_close(f);
    return STATUS_DONE;
}
