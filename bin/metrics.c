/* Joins scores with the truth: a table of HR@k, NDCG@k and MRR. */
#include "rec/evaluation.h"
#include "rec/history.h"
#include "rec/report.h"
#include "rec/titles.h"
#include "stream/filter.h"
#include "util/cli.h"
#include "util/mem.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const char *cutoffs = "1,10", *compare = "";
static long resamples = 10000, rounds = 10000;
static bool chance = true, as_tsv, as_json, as_markdown, per_user, pool;

static const struct opt options[] = {
    { OPT_STRING, 'k', "k", &cutoffs, "cut-offs of hr@k and ndcg@k", 0, 0, NULL, 0 },
    { OPT_STRING, 'c', "compare", &compare, "scorers A,B,...: test A minus each of the others" },
    { OPT_FLAG, 0, "pool", &pool, "scorers NAME@RUN are runs of one: means over runs" },
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
              "truth among the first 10 of 20 candidates, the others drawn uniformly.",
};

static const char *const split_names[SPLITS] = { NULL, "valid", "test" };

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

/* hr@k and ndcg@k for each k of the list, then mrr; ndcg@1 is hr@1. */
static int choose_metrics(struct metric **metric)
{
    long *k;
    int n = cli_int_list("k", cutoffs, 1, 1000000, &k), count = 0;

    *metric = mem_new(2 * (size_t)n + 1, sizeof **metric);
    for (int i = 0; i < n; i++) {
        (*metric)[count++] = (struct metric){ METRIC_HR, (int)k[i] };
        if (k[i] > 1)
            (*metric)[count++] = (struct metric){ METRIC_NDCG, (int)k[i] };
    }
    (*metric)[count++] = (struct metric){ METRIC_MRR, 0 };
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

static void keep_all(struct filter *f)
{
    static const char *const names[] = { "inter.user", "inter.item", "inter.split",
                                         "user.id",    "item.title", "cand.*",
                                         "score.*" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        filter_keep(f, names[i]);
}

/* 1 + the largest of v (n), at least `least`. */
static int bound(const int32_t *v, int64_t n, int least)
{
    for (int64_t i = 0; i < n; i++)
        if (v[i] >= least && v[i] < INT32_MAX)
            least = v[i] + 1;
    return least;
}

/* Original user ids, or NULL where there are none. */
static const struct texts *user_ids(struct filter *f)
{
    return filter_has(f, "user.id") ? filter_texts(f, "user.id", "data-import") : NULL;
}

static struct history read_history(struct filter *f)
{
    const struct tensor *user = filter_tensor(f, "inter.user", DT_I4, 1, "data-import");
    int64_t n = tensor_rows(user), users = bound(user->data, n, 0);
    const int32_t *item =
        filter_tensor_sized(f, "inter.item", DT_I4, n, 0, "data-import")->data;
    const uint8_t *split =
        filter_tensor_sized(f, "inter.split", DT_U1, n, 0, "data-split")->data;
    struct history h;
    struct error e;

    if (users > n && !(user_ids(f) && users <= user_ids(f)->count))
        die("'inter.user' counts up to %lld, but there are only %lld interactions",
            (long long)users - 1, (long long)n);
    if (history_new(&h, user->data, item, NULL, split, n, (int)users, bound(item, n, 0),
                    &e) < 0)
        die("%s", e.text);
    return h;
}

static void note_titles(struct filter *f, struct evaluation *v)
{
    const struct texts *titles = filter_texts(f, "item.title", "data-import");
    int64_t cells = v->users * v->columns, sets;
    int32_t *first;

    if (bound(v->item, cells, 0) > titles->count)
        die("cand.%s.item: holds item %d, expected less than the %lld rows of item.title",
            v->split, bound(v->item, cells, 0) - 1, (long long)titles->count);
    first = titles_first(titles);
    sets = titles_doubled_sets(first, titles->count, v->item, v->users, v->columns);
    if (sets > 0)
        evaluation_note(v, "%lld of %lld users have two candidates of the same title, "
                           "which text cannot tell apart",
                        (long long)sets, (long long)v->users);
    free(first);
}

static void note_padding(struct evaluation *v)
{
    int64_t short_sets = 0;

    for (int64_t u = 0; u < v->users; u++)
        short_sets +=
            place_by_chance(v->item + u * v->columns, v->columns).tied < v->columns;
    if (short_sets > 0)
        evaluation_note(v, "%lld of %lld users have fewer than %d candidates",
                        (long long)short_sets, (long long)v->users, v->columns);
}

/* The scores must be those of these candidates. */
static void check_digest(struct filter *f, const char *name, const struct tensor *item)
{
    const char *digest = filter_attr(f, name, "candidates");
    const char *by = filter_attr(f, name, "by");
    char want[DIGEST_TEXT];

    tensor_digest_text(item, want);
    if (!digest)
        warn("'%s' does not say which candidates it scored; taken for these", name);
    else if (strcmp(digest, want) != 0)
        die("'%s' scored candidates %s, but these are %s: run %s again", name, digest,
            want, by ? by : "its scorer");
}

/* What distinguishes this run of a scorer from another, where it says. */
static void note_options(struct filter *f, struct evaluation *v, const char *name)
{
    const char *norm = filter_attr(f, name, "norm");
    const char *orders = filter_attr(f, name, "orders");
    const struct scorer *s = &v->scorer[v->scorers - 1];

    if (norm)
        evaluation_note(v, "%s: scores by --norm %s", s->name, norm);
    if (orders && strcmp(orders, "1") != 0)
        evaluation_note(v, "%s: %s candidate orders averaged", s->name, orders);
    if (s->unscored > 0)
        evaluation_note(v, "%s: %lld of %lld users have no score and count as 0", s->name,
                        (long long)s->unscored, (long long)v->users);
}

static void add_scores(struct filter *f, struct evaluation *v, const struct tensor *item)
{
    char *prefix = mem_format("score.%s.", v->split);
    const struct tensor *score;
    const char *name;

    for (int i = 0; (name = filter_kept_name(f, i)); i++) {
        if (strncmp(name, prefix, strlen(prefix)) != 0)
            continue;
        check_digest(f, name, item);
        score = filter_tensor_sized(f, name, DT_F4, v->users, v->columns, "cf-score");
        evaluation_add(v, name + strlen(prefix), score->data);
        note_options(f, v, name);
    }
    free(prefix);
}

static void pool_runs(struct evaluation *v)
{
    evaluation_pool(v);
    for (int i = 0; i < v->scorers; i++)
        if (v->scorer[i].runs > 1)
            evaluation_note(v, "%s: each user's mean over %d runs", v->scorer[i].name,
                            v->scorer[i].runs);
}

static bool has_scores(struct filter *f, const char *split)
{
    char *prefix = mem_format("score.%s.", split);
    const char *name;
    bool found = false;

    for (int i = 0; (name = filter_kept_name(f, i)); i++)
        found |= strncmp(name, prefix, strlen(prefix)) == 0;
    free(prefix);
    return found;
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

/* One table's worth: the candidates, their truth, all scores, intervals. */
static void evaluate(struct filter *f, struct evaluation *v, const struct history *h,
                     enum split split)
{
    char *users = mem_format("cand.%s.user", split_names[split]);
    char *items = mem_format("cand.%s.item", split_names[split]);
    const struct tensor *item = filter_tensor(f, items, DT_I4, 2, "cand-sample");
    const char *sampler = filter_attr(f, items, "sampler");
    struct error e;

    v->split = split_names[split];
    v->item = item->data;
    v->users = item->shape[0];
    v->columns = (int)item->shape[1];
    v->user = filter_tensor_sized(f, users, DT_I4, v->users, 0, "cand-sample")->data;
    if (v->users == 0)
        die("'%s' holds no users", users);
    v->protocol = mem_format("%d %s", v->columns, sampler ? sampler : "given");
    v->resamples = (int)resamples;
    v->seed = cli_seed;
    if (evaluation_join(v, h, split, user_ids(f), &e) < 0)
        die("%s", e.text);
    evaluation_begin(v);
    if (filter_has(f, "item.title"))
        note_titles(f, v);
    note_padding(v);
    add_scores(f, v, item);
    if (pool)
        pool_runs(v);
    evaluation_finish(v);
    free(users);
    free(items);
}

/* Sets of all items have no scores beside them. */
static void refuse_no_scores(struct filter *f)
{
    const char *test = filter_attr(f, "cand.test.user", "sampler");
    const char *valid = filter_attr(f, "cand.valid.user", "sampler");

    if ((test && strcmp(test, "all") == 0) || (valid && strcmp(valid, "all") == 0))
        die("the candidates are all items (cand-sample --by all), and nothing has ranked "
            "them: sample candidates to compare scores");
    die("no 'score.*' in the input: run cf-score or llm-score first");
}

/* Validation first; only splits that somebody scored. */
static int evaluate_all(struct filter *f, struct evaluation *v)
{
    struct history h;
    int count = 0;

    if (!has_scores(f, "valid") && !has_scores(f, "test"))
        refuse_no_scores(f);
    h = read_history(f);
    for (enum split s = SPLIT_VALID; s <= SPLIT_TEST; s++)
        if (has_scores(f, split_names[s]))
            evaluate(f, &v[count++], &h, s);
    history_free(&h);
    return count;
}

/* Formats without a place for notes say them beside the table. */
static void say_notes(const struct evaluation *v, enum report_format format)
{
    if (format != REPORT_TSV && format != REPORT_USERS)
        return;
    for (int i = 0; i < v->notes; i++)
        say("%s: %s", v->split, v->note[i]);
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli), metrics, count;
    struct report report = { .format = choose_format(), .chance = chance };
    struct evaluation v[2] = { { 0 }, { 0 } };
    struct metric *metric;
    char *copy, **names = names_to_compare(&copy);
    struct filter *f;

    setlocale(LC_CTYPE, "");
    metrics = choose_metrics(&metric);
    v[0].metric = v[1].metric = metric;
    v[0].metrics = v[1].metrics = metrics;
    f = filter_open_reading(argc, argv, first);
    keep_all(f);
    filter_read(f);
    count = evaluate_all(f, v);
    report.ids = user_ids(f);
    for (int i = 1; names[0] && names[i]; i++)
        compare_pair(v, count, names[0], names[i]);
    report_print(stdout, &report, v, count);
    for (int i = 0; i < count; i++) {
        say_notes(&v[i], report.format);
        evaluation_free(&v[i]);
    }
    free(metric);
    free(names);
    free(copy);
    filter_close(f);
    return STATUS_DONE;
}
