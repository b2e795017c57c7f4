/* The titles of the whole catalogue that a language model thinks likeliest for each user,
 * by a beam search over the trie of all titles. */
#include "cand/candidate_rows.h"
#include "history/sample.h"
#include "nn/blas.h"
#include "project/stage2_trained.h"
#include "project/title_search.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/progress.h"

#include <stdlib.h>

#define USERS_A_BLOCK 32 /* searched between two looks at the reader */

static struct stage2_options common = { STAGE2_DEFAULTS, .template = "recall" };
static const char *as = "llm";
static long top = 100, beam = 0, user_count = 0;
static int moment = SPLIT_TEST - SPLIT_VALID; /* --for, of split_names from valid on */
static int norm = 0; /* of the two lists below */

static const enum score_norm norms[] = { NORM_CHOICE, NORM_SUM };
static const char *const norm_names[] = { "choice", "sum", NULL };

static const struct opt options[] = {
    STAGE2_OPTIONS(common),
    { OPT_GROUP, .name = "Search" },
    { OPT_INT, 0, "top", &top, "titles a user", 1, 1e6 },
    { OPT_INT, 0, "beam", &beam,
      "beginnings of titles kept in each round; 0: all, and no better title is missed",
      0, 1e6 },
    { OPT_CHOICE, 0, "norm", &norm,
      "likelihood of a title: among titles (choice), or among texts (sum)", 0, 0,
      norm_names },
    { OPT_CHOICE, 0, "for", &moment,
      "item that the prompt ends before: the validation, the test or the next one", 0, 0,
      split_names + SPLIT_VALID },
    SAMPLE_USERS_OPTION(user_count, "search"),
    { OPT_STRING, 0, "as", &as, "name of the scores" },
    { 0 }
};

static const char *const given[] = { STAGE2_GIVEN, NULL };

static const struct synonym synonyms[] = { STAGE2_SYNONYMS, { 0 } };

static const struct cli cli = {
    .synonyms = synonyms,
    .summary = "find the titles of the whole catalogue that an LLM thinks likeliest",
    .usage = "[FILE...]",
    .example = "llm-retrieve --top 100 data.mr cf.mr align.mr open.mr | metrics",
    .options = options,
    .flags = CLI_SEED | CLI_THREADS | CLI_ONLY | CLI_PROGRESS,
    .given = given,
    .footer = STAGE2_FOOTER "  The\n"
              "template lists no candidates.  A user's own items are not looked\n"
              "for; the truth is one title among all, and may be missed.",
};

/* SPLIT_VALID, SPLIT_TEST or SPLIT_NEXT. */
static int split_asked(void)
{
    return SPLIT_VALID + moment;
}

static void keep_inputs(struct filter *f)
{
    char *cands = mem_format("cand.%s.*", split_names[split_asked()]);
    char *scores = mem_format("score.%s.*", split_names[split_asked()]);

    stage2_trained_keep(f, &common);
    filter_replace(f, cands);
    filter_replace(f, scores); /* of other candidates */
    filter_declare(f);
    free(cands);
    free(scores);
}

/* The template of the projections, where there are some; it is asked about no list. */
static void check_template(const struct stage2_data *d)
{
    if (d->template.lists)
        die("the template lists candidates, and a search over all titles has none: train "
            "with a template that does not (project-train -t open)");
}

/* What all users took. */
struct cost {
    long rows, rounds, exact;
    double seconds;
};

/* Rows [first, first + n) of c. */
static struct title_request *make_requests(const struct candidate_rows *c,
                                           const struct stage2_data *d,
                                           const struct tensor *vectors, int first, int n)
{
    struct title_request *list = mem_new((size_t)n, sizeof *list);

    for (int i = 0; i < n; i++) {
        struct title_request *r = &list[i];
        int user = c->user[first + i];
        int64_t had = d->history.first[user + 1] - d->history.first[user];
        int32_t *cut = mem_new((size_t)had, sizeof *cut);

        r->cuts = history_items(&d->history, user, split_asked(), cut);
        r->cut = cut;
        r->example = stage2_example(d, user, split_asked(), vectors);
        r->split = split_asked() == SPLIT_VALID ? SPLIT_VALID : SPLIT_TEST;
        r->item = c->item + (int64_t)(first + i) * c->columns;
        r->score = mem_new((size_t)c->columns, sizeof *r->score);
    }
    return list;
}

static void take_results(struct title_request *list, int n, float *score, int columns,
                         struct cost *cost)
{
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < columns; k++)
            score[(int64_t)i * columns + k] = (float)list[i].score[k];
        cost->rows += list[i].rows;
        cost->rounds += list[i].rounds;
        cost->exact += list[i].exact;
        free((int32_t *)list[i].cut);
        free(list[i].score);
    }
    free(list);
}

static void search_users(struct candidate_rows *c, float *score, struct cost *cost,
                         const struct title_search *t, const struct stage2_data *d,
                         const struct tensor *vectors, struct filter *f)
{
    double from = clock_seconds();
    long dropped = 0;

    progress_begin("searching", "users", c->rows);
    for (int at = 0; at < c->rows; at += USERS_A_BLOCK) {
        int n = c->rows - at < USERS_A_BLOCK ? c->rows - at : USERS_A_BLOCK;
        struct title_request *list = make_requests(c, d, vectors, at, n);
        struct error e;
        long less = title_search(t, list, n, &e);

        if (less < 0)
            die("%s", e.text);
        dropped += less;
        take_results(list, n, score + (int64_t)at * c->columns, c->columns, cost);
        progress_update(at + n, NULL);
        filter_check_reader(f);
    }
    progress_end();
    cost->seconds = clock_seconds() - from;
    stage2_say_dropped("", dropped);
}

static void say_cost(const struct cost *cost, const struct candidate_rows *c,
                     const struct title_trie *trie)
{
    double n = (double)c->rows;

    say("%d titles; a user takes %.0f tokens in %.1f rounds and %.3f s; every title "
        "takes %lld tokens behind the prompt; exactly the best ones for %ld of %d users",
        trie->items, (double)cost->rows / n, (double)cost->rounds / n, cost->seconds / n,
        (long long)title_trie_rows(trie), cost->exact, c->rows);
}

static void put_scores(struct filter *f, const struct candidate_rows *c, float *score)
{
    char *name = mem_format("score.%s.%s", c->split, as);
    struct tensor items = tensor_view2(DT_I4, c->rows, c->columns, c->item);
    struct tensor t = tensor_view2(DT_F4, c->rows, c->columns, score);
    char digest[DIGEST_TEXT];
    const struct attr attrs[] = { { "candidates", digest },
                                  { "by", filter_name },
                                  { "norm", norm_names[norm] },
                                  { 0 } };

    tensor_digest_text(&items, digest);
    filter_put(f, name, &t, attrs);
    free(name);
}

static void retrieve(const struct llm *llm, struct filter *f)
{
    struct stage2_data d;
    struct title_trie trie;
    struct candidate_rows c = { .split = split_names[split_asked()], .sampler = "top-llm",
                                .number = (int)top };
    struct title_search t = { &d.stage2, &trie, norms[norm], 0, (int)beam };
    const struct tensor *vectors = NULL;
    struct cost cost = { 0 };
    struct error e;
    float *score;

    stage2_trained_load(&d, f, llm, &common);
    check_template(&d);
    candidate_rows_users(&c, &d.history, split_asked(), user_count, cli_seed);
    t.top = c.columns = candidate_rows_bound(&c, top, d.stage2.item_count);
    c.item = mem_new((size_t)c.rows * (size_t)c.columns, sizeof *c.item);
    score = mem_new((size_t)c.rows * (size_t)c.columns, sizeof *score);
    if (common.users)
        vectors = filter_tensor_sized(f, split_vectors[split_asked()], DT_F4,
                                      d.history.users, d.user_in, "cf-embed");
    if (title_trie_new(&trie, &d.stage2.prompter, d.stage2.item_count, &e) < 0)
        die("'item.title': %s", e.text);
    search_users(&c, score, &cost, &t, &d, vectors, f);
    candidate_rows_say(&c);
    say_cost(&cost, &c, &trie);
    candidate_rows_put(&c, f, cli_seed);
    put_scores(f, &c, score);
    title_trie_free(&trie);
    candidate_rows_free(&c);
    free(score);
    stage2_data_free(&d);
}

int main(int argc, char **argv)
{
    struct filter *f;
    struct llm llm;
    int first;

    common.template = "open";
    first = cli_parse(argc, argv, &cli);
    blas_start(argv);
    f = filter_open(argc, argv, first);
    keep_inputs(f);
    stage2_open_llm(&llm, &common);
    filter_read(f);
    stage2_trained_options(&common, f, common.model);
    retrieve(&llm, f);
    filter_close(f);
    llm_close(&llm);
    return STATUS_DONE;
}
