#include "evaluation/judge.h"

#include "evaluation/clusters.h"
#include "evaluation/groups.h"
#include "evaluation/judge_labels.h"
#include "evaluation/judge_parts.h"
#include "evaluation/metric_list.h"
#include "history/history_read.h"
#include "score/catalogue.h"
#include "score/ranks.h"
#include "score/scores.h"
#include "util/error.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* How the sampler of candidates begins that were found without the truth. */
#define RETRIEVED "top-"

static bool by_warmth(const struct judge *j)
{
    return strcmp(j->group, "warmth") == 0;
}

void judge_keep(const struct judge *j, struct filter *f)
{
    static const char *const names[] = { "inter.user", "inter.item", "inter.split",
                                         "user.id",    "item.title", "cand.*",
                                         "score.*",    "rank.*",     "rel.*" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        filter_keep(f, names[i]);
    if (j->group[0] && !by_warmth(j))
        filter_keep(f, j->group);
    if (j->item_ids || by_warmth(j) || metric_list_any_toplist(j->metric, j->metrics))
        filter_keep(f, "item.id");
}

const struct texts *judge_user_ids(struct filter *f)
{
    return filter_has(f, "user.id") ? filter_texts(f, "user.id", "data-import") : NULL;
}

/* The rows of t, at least `least`. */
static int bound_texts(const struct texts *t, int least)
{
    return t->count > least && t->count < INT32_MAX ? (int)t->count : least;
}

static struct history read_history(struct filter *f)
{
    static const char *const columns[] = { "item.id", "item.title" };
    struct history_columns c = history_read_columns(f);
    int64_t users = item_bound(c.user, c.n, 0);
    int items = item_bound(c.item, c.n, 0);
    struct history h;
    struct error e;

    for (int i = 0; i < 2; i++) /* some may be without interactions */
        if (filter_has(f, columns[i]))
            items = bound_texts(filter_texts(f, columns[i], "data-import"), items);
    if (users > c.n && !(judge_user_ids(f) && users <= judge_user_ids(f)->count))
        die("'inter.user' counts up to %lld, but there are only %lld interactions",
            (long long)users - 1, (long long)c.n);
    if (history_new(&h, c.user, c.item, NULL, c.split, c.n, (int)users, items, &e) < 0)
        die("%s", e.text);
    return h;
}

static void add_scores(struct filter *f, struct evaluation *v, const struct tensor *item)
{
    const char *name;

    for (int i = 0; (name = scores_name(f, v->split, i)); i++) {
        evaluation_add(v, scores_scorer(name), scores_take(f, name, item));
        note_options(f, v, name);
    }
}

static void pool_runs(struct evaluation *v)
{
    evaluation_pool(v);
    for (int i = 0; i < v->scorers; i++)
        if (v->scorer[i].runs > 1)
            evaluation_note(v, "%s: each user's mean over %d runs", v->scorer[i].name,
                            v->scorer[i].runs);
}

static void set_groups(const struct judge *j, struct filter *f, struct evaluation *v,
                       const struct history *h)
{
    bool of_items = by_warmth(j) || strncmp(j->group, "item.", 5) == 0;

    if (of_items && !v->true_item)
        return;
    if (by_warmth(j))
        groups_by_warmth(v, h, &j->warmth);
    else if (j->group[0])
        groups_by_tensor(v, f, j->group);
}

/* A scorer that ranked other items than the first one is of other interactions. */
static void check_ranked(struct evaluation *v, const char *name, const int32_t *rank)
{
    for (int64_t u = 0; u < v->users; u++)
        if (rank[u * RANK_COLUMNS + RANK_RANKED] != v->ranked[u])
            die("'%s': row %lld: %d items ranked, by the scorer before it %d: run "
                "cf-score again",
                name, (long long)u, rank[u * RANK_COLUMNS + RANK_RANKED], v->ranked[u]);
}

static void add_ranks(struct filter *f, struct evaluation *v, const struct tensor *user)
{
    const char *name;

    for (int i = 0; (name = ranks_name(f, v->split, i)); i++) {
        const int32_t *rank = ranks_take(f, name, user);

        check_ranked(v, name, rank);
        evaluation_add_ranks(v, ranks_scorer(name), rank);
        note_options(f, v, name);
    }
}

static void take_candidates(struct evaluation *v, struct filter *f)
{
    char *name = mem_format("cand.%s.item", v->split);
    const struct tensor *item = filter_tensor(f, name, DT_I4, 2, "cand-sample");
    const char *sampler = filter_attr(f, name, "sampler");

    v->item = item->data;
    v->users = item->shape[0];
    v->columns = (int)item->shape[1];
    v->retrieved = sampler && strncmp(sampler, RETRIEVED, strlen(RETRIEVED)) == 0;
    if (v->retrieved)
        v->protocol =
            mem_format("full, top %d by %s", v->columns, sampler + strlen(RETRIEVED));
    else
        v->protocol = mem_format("%d %s", v->columns, sampler ? sampler : "given");
    free(name);
}

/* Of all items: as many as the first scorer has ranked for each user. */
static void take_all_items(struct evaluation *v, struct filter *f, const char *users)
{
    const struct tensor *user = filter_tensor(f, users, DT_I4, 1, "cand-sample");
    const int32_t *rank = ranks_take(f, ranks_name(f, v->split, 0), user);

    v->users = tensor_rows(user);
    v->ranked = mem_new((size_t)v->users, sizeof *v->ranked);
    for (int64_t u = 0; u < v->users; u++)
        v->ranked[u] = rank[u * RANK_COLUMNS + RANK_RANKED];
    v->protocol = mem_string("full");
}

static void add_all(struct filter *f, struct evaluation *v, const struct tensor *user)
{
    char *items = mem_format("cand.%s.item", v->split);

    if (v->item) {
        if (filter_has(f, "item.title"))
            note_titles(f, v);
        note_padding(v);
        note_retrieved(v);
        add_scores(f, v, filter_tensor(f, items, DT_I4, 2, "cand-sample"));
    } else {
        note_ranked(v);
        add_ranks(f, v, user);
    }
    free(items);
}

/* Only candidates make lists, and of items that the catalogue has. */
static void check_lists(const struct judge *j, const struct evaluation *v,
                        const struct history *h)
{
    int end = v->item ? item_bound(v->item, v->users * v->columns, 0) : 0;

    if (!j->popularity)
        return;
    if (!v->item)
        die("'rank.%s.*' says where true items stand, not what was above them: sample "
            "candidates for coverage, novelty and popbias", v->split);
    if (end > h->items)
        die("cand.%s.item: holds item %d, expected less than %d", v->split, end - 1,
            h->items);
}

/* One table's worth: the candidates or all items, their truth, all scores, intervals. */
static void evaluate(const struct judge *j, struct filter *f, struct evaluation *v,
                     const struct history *h, int split, bool full)
{
    char *users = mem_format("cand.%s.user", split_names[split]);
    const struct tensor *user;
    struct error e;

    *v = (struct evaluation){ .split = split_names[split], .metric = j->metric,
                              .metrics = j->metrics, .resamples = j->resamples,
                              .seed = j->seed };
    if (full)
        take_all_items(v, f, users);
    else
        take_candidates(v, f);
    user = filter_tensor_sized(f, users, DT_I4, v->users, 0, "cand-sample");
    v->user = user->data;
    if (v->users == 0)
        die("'%s' holds no users", users);
    if (split != SPLIT_NEXT &&
        evaluation_join(v, h, (enum split)split, judge_user_ids(f), &e) < 0)
        die("%s", e.text);
    if (split == SPLIT_NEXT)
        v->people = v->users;
    v->popularity = j->popularity;
    check_lists(j, v, h);
    set_groups(j, f, v, h);
    evaluation_begin(v);
    clusters_choose(v, j->cluster);
    note_repeats(v, h, (enum split)split);
    add_all(f, v, user);
    if (j->pool)
        pool_runs(v);
    evaluation_finish(v);
    free(users);
}

/* Sets of all items have no scores beside them, and the future no truth. */
static void refuse_no_scores(struct filter *f)
{
    const char *test = filter_attr(f, "cand.test.user", "sampler");
    const char *valid = filter_attr(f, "cand.valid.user", "sampler");

    if ((test && strcmp(test, "all") == 0) || (valid && strcmp(valid, "all") == 0))
        die("the candidates are all items (cand-sample --by all), and nothing has ranked "
            "them: run cf-score first%s", filter_pipe(f, "cf-score", NULL));
    if (scores_has(f, "next"))
        die("only 'score.next.*' in the input: what comes next has no truth to compare "
            "with");
    filter_die_missing(f, "score.*", "cf-score or llm-score");
}

int judge_all(struct judge *j, struct filter *f, struct evaluation v[JUDGED_TABLES])
{
    int last = metric_list_all_toplist(j->metric, j->metrics) ? SPLIT_NEXT : SPLIT_TEST;
    struct history h;
    int count = 0;

    for (int s = SPLIT_VALID; s <= last; s++)
        count += scores_has(f, split_names[s]) || ranks_name(f, split_names[s], 0);
    if (count == 0 && (count = judge_labels(j, f, v)) > 0)
        return count;
    if (count == 0)
        refuse_no_scores(f);
    h = read_history(f);
    if (metric_list_any_toplist(j->metric, j->metrics)) {
        j->of_items = popularity_of(&h);
        j->popularity = &j->of_items;
    }
    count = judge_labels(j, f, v);
    for (int s = SPLIT_VALID; s <= last; s++) {
        if (scores_has(f, split_names[s]))
            evaluate(j, f, &v[count++], &h, s, false);
        if (ranks_name(f, split_names[s], 0))
            evaluate(j, f, &v[count++], &h, s, true);
    }
    history_free(&h);
    return count;
}

void judge_free(struct judge *j)
{
    popularity_free(&j->of_items);
    free(j->of_labels);
}
