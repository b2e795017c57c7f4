/* Joins scores with the truth: a table of HR@k, NDCG@k and MRR. */
#include "rec/judge.h"
#include "rec/measures.h"
#include "rec/report.h"
#include "rec/warmth.h"
#include "stream/filter.h"
#include "util/cli.h"
#include "util/mem.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const char *cutoffs = "1,10", *measures = "hr,ndcg,mrr", *compare = "", *group = "";
static double warm = WARM_SHARE, cold = COLD_SHARE;
static long resamples = 10000, rounds = 10000;
static bool chance = true, as_tsv, as_json, as_markdown, per_user, pool;

static const struct opt options[] = {
    { OPT_STRING, 'k', "k", &cutoffs, "cut-offs of hr@k, ndcg@k, ...", 0, 0, NULL, 0 },
    { OPT_STRING, 'c', "compare", &compare, "scorers A,B,...: test A minus each of the others" },
    { OPT_FLAG, 0, "pool", &pool, "scorers NAME@RUN are runs of one: means over runs" },
    { OPT_STRING, 'm', "measures", &measures, "hr, recall, ndcg, mrr, map, coverage, ..." },
    { OPT_STRING, 0, "group", &group, "rows for groups of users too: warmth, or a tensor" },
    { OPT_REAL, 0, "warm", &warm, "share of the items that are warm", 0, 1, NULL, 0 },
    { OPT_REAL, 0, "cold", &cold, "share of the items that are cold", 0, 1, NULL, 0 },
    { OPT_INT, 0, "resamples", &resamples, "bootstrap resamples", 100, 1e6, NULL, 0 },
    { OPT_INT, 0, "rounds", &rounds, "sign flips of --compare", 100, 1e7, NULL, 0 },
    { OPT_FLAG, 0, "chance", &chance, "a first row for chance", 0, 0, NULL, 0 },
    { OPT_FLAG, 0, "tsv", &as_tsv, "one tab-separated line a number", 0, 0, NULL, 0 },
    { OPT_FLAG, 0, "json", &as_json, "one JSON object", 0, 0, NULL, 0 },
    { OPT_FLAG, 0, "markdown", &as_markdown, "a Markdown table", 0, 0, NULL, 0 },
    { OPT_FLAG, 0, "per-user", &per_user, "tab-separated rank and metrics of each user" },
    { .type = OPT_END }
};

static const struct cli cli = {
    .summary = "compare scores with the truth",
    .usage = "[FILE...]",
    .example = "llm-score -m SmolLM2.gguf in.mr | metrics -k 1,10 --compare llm,cf",
    .options = options,
    .flags = CLI_SEED | CLI_THREADS,
    .footer = "A row for each score.test.* and score.valid.*.  hr@10/20 uniform: the\n"
              "truth among the first 10 of 20 candidates, the others drawn uniformly.\n"
              "hr@10/full, of rank.*: of all items but the user's other interactions.",
};

static enum report_format choose_format(void)
{
    if (as_tsv + as_json + as_markdown + per_user > 1)
        cli_mistake("only one of --tsv, --json, --markdown and --per-user");
    return as_tsv        ? REPORT_TSV
           : as_json     ? REPORT_JSON
           : as_markdown ? REPORT_MARKDOWN
           : per_user    ? REPORT_USERS
                         : REPORT_TEXT;
}

static int choose_metrics(struct metric **metric)
{
    long *k;
    int n = cli_int_list("k", cutoffs, 1, 1000000, &k), count;
    struct error e;

    count = measures_parse(measures, k, n, metric, &e);
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
static void say_notes(const struct evaluation *v, enum report_format format)
{
    if (format != REPORT_TSV && format != REPORT_USERS)
        return;
    for (int i = 0; i < v->notes; i++)
        say("%s: %s", v->split, v->note[i]);
}

static struct judge choose_judge(void)
{
    struct judge j = { .resamples = (int)resamples, .seed = cli_seed, .pool = pool,
                       .group = group, .warm = warm, .cold = cold };

    if (warm + cold > 1)
        cli_mistake("--warm %g and --cold %g are more than all items", warm, cold);
    return j;
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli), count;
    struct report report = { .format = choose_format(), .chance = chance };
    struct judge judge = choose_judge();
    struct evaluation v[JUDGED_TABLES];
    struct metric *metric;
    char *copy, **names = names_to_compare(&copy);
    struct filter *f;

    setlocale(LC_CTYPE, "");
    judge.metrics = choose_metrics(&metric);
    judge.metric = metric;
    f = filter_open_reading(argc, argv, first);
    judge_keep(&judge, f);
    filter_read(f);
    count = judge_all(&judge, f, v);
    report.ids = judge_user_ids(f);
    for (int i = 1; names[0] && names[i]; i++)
        compare_pair(v, count, names[0], names[i]);
    report_print(stdout, &report, v, count);
    for (int i = 0; i < count; i++) {
        say_notes(&v[i], report.format);
        evaluation_free(&v[i]);
    }
    judge_free(&judge);
    free(metric);
    free(names);
    free(copy);
    filter_close(f);
    return STATUS_DONE;
}
