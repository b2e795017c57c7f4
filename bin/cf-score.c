/* Scores candidates by a model of item and user vectors -> score.SPLIT.NAME, or ranks
 * the whole catalogue -> rank.SPLIT.NAME */
#include "cand/candidate_set.h"
#include "cli/cli.h"
#include "history/history_read.h"
#include "nn/blas.h"
#include "score/catalogue.h"
#include "score/item_scorer.h"
#include "score/seen_test.h"
#include "stream/filter.h"
#include "util/error.h"
#include "util/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


static int by = BY_CF;
static const char *name = NULL;

static const struct opt options[] = {
    { OPT_CHOICE, 0, "by", &by,
      "what scores: CF vectors, training counts, joint vectors, or texts",
      .choices = item_scorer_names },
    PART_OPTIONS,
    { OPT_STRING, 0, "as", &name, "name of the scores (default: that of --by)" },
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "score candidates by CF or joint vectors, or by popularity",
    .usage = "[FILE...]",
    .example = "cat data.mr cf.mr cand.mr | cf-score | cf-score --by pop | metrics",
    .options = options,
    .flags = CLI_THREADS | CLI_ONLY | CLI_PROGRESS,
};

static void put_scores(struct filter *f, const struct item_scorer *m,
                       const struct candidate_set *c, const char *split)
{
    char *out = mem_format("score.%s.%s", split, name ? name : item_scorer_names[by]);
    struct attr attrs[] = { { "candidates", c->digest },
                            { "by", filter_name },
                            { NULL, NULL } };
    struct tensor t = tensor_new2(DT_F4, c->rows, c->columns);
    float *score = t.data;

#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < c->rows; i++)
        for (int64_t j = i * c->columns; j < (i + 1) * c->columns; j++)
            score[j] =
                c->item[j] < 0 ? NAN : item_scorer_score(m, c->user[i], c->item[j]);
    row_part_put(f, &c->part, out, &t, attrs);
    tensor_free(&t);
    free(out);
}

static void check_targets(const struct candidate_set *c, const struct history *h,
                          enum split split, const char *split_name)
{
    for (int64_t i = 0; i < c->rows; i++)
        if (history_target(h, c->user[i], split) < 0)
            die("'cand.%s.user': row %lld: user %d has no interaction of that split",
                split_name, (long long)(c->part.first + i), c->user[i]);
}

static void put_ranks(struct filter *f, const struct item_scorer *m,
                      const struct candidate_set *c, enum split split,
                      const char *split_name)
{
    char *out = mem_format("rank.%s.%s", split_name, name ? name : item_scorer_names[by]);
    struct attr attrs[] = { { "users", c->digest },
                            { "by", filter_name },
                            { NULL, NULL } };
    struct tensor t = tensor_new2(DT_I4, c->rows, RANK_COLUMNS);
    struct history h;

    history_read_bare(f, &h, m->users, m->items);
    check_targets(c, &h, split, split_name);
    catalogue_rank(t.data, m, &h, split, c->user, c->rows);
    row_part_put(f, &c->part, out, &t, attrs);
    history_free(&h);
    tensor_free(&t);
    free(out);
}

static void score_split(struct filter *f, struct item_scorer *m, int split)
{
    const char *split_name = split_names[split];
    struct candidate_set set;

    item_scorer_users(m, f, split_vectors[split]);
    if (split == SPLIT_TEST && !row_part_fragment && !row_part_share)
        seen_test_warn(m, f);
    if (split != SPLIT_NEXT && candidate_set_is_all(f, split_name)) {
        candidate_set_take_users(&set, f, split_name, m->users);
        put_ranks(f, m, &set, (enum split)split, split_name);
    } else {
        candidate_set_take(&set, f, split_name, m->users, m->items);
        put_scores(f, m, &set, split_name);
    }
}

static void keep(struct filter *f)
{
    static const char *const candidates[] = { [SPLIT_VALID] = "cand.valid.*",
                                              [SPLIT_TEST] = "cand.test.*",
                                              [SPLIT_NEXT] = "cand.next.*" };

    item_scorer_keep(f, (enum item_scorer_by)by);
    history_read_keep_bare(f); /* for whole catalogues */
    if (by == BY_CF)
        seen_test_keep(f);
    filter_keep(f, "item.id");
    for (int s = SPLIT_VALID; s <= SPLIT_NEXT; s++) {
        filter_keep(f, candidates[s]);
        item_scorer_keep_users(f, (enum item_scorer_by)by, split_vectors[s]);
    }
}

/* Vectors of other items are told by their number, not by a candidate that has none. */
static void load(struct item_scorer *m, struct filter *f)
{
    item_scorer_load(m, f, (enum item_scorer_by)by);
    if (filter_has(f, "item.id"))
        item_scorer_check_sizes(m, filter_texts(f, "item.id", "data-import")->count, -1);
}

static bool is_wanted(struct filter *f, int split)
{
    char *user = mem_format("cand.%s.user", split_names[split]);
    bool there = row_part_has(f, user);

    free(user);
    return there;
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli), count = 0;
    struct item_scorer model;
    struct filter *f;

    if (name && !*name)
        cli_mistake("--as: the name is empty");
    row_part_parse();
    blas_start(argv);
    f = filter_open(argc, argv, first);
    row_part_open(f);
    keep(f);
    filter_read(f);
    for (int s = SPLIT_VALID; s <= SPLIT_NEXT; s++)
        count += is_wanted(f, s);
    if (!row_part_fragment && count == 0)
        filter_die_missing(f, "cand.test.user", "cand-sample");
    if (count > 0)
        load(&model, f);
    for (int s = SPLIT_VALID; s <= SPLIT_NEXT; s++)
        if (is_wanted(f, s))
            score_split(f, &model, s);
    if (count > 0)
        item_scorer_free(&model);
    filter_close(f);
    return STATUS_DONE;
}
