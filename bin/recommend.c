/* Candidates and their scores as recommendations that a person can read, with reasons. */
#include "cand/candidate_set.h"
#include "cf/cf_vectors.h"
#include "cli/cli.h"
#include "history/history_read.h"
#include "history/lookup.h"
#include "history/trained_rows.h"
#include "nn/blas.h"
#include "recommend/recommended.h"
#include "score/catalogue.h"
#include "stream/filter.h"
#include "util/mem.h"
#include "util/near.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "score.next."
#define SCORERS_MAX 64

static const char *user_list = NULL, *by = NULL;
static long number = 10, whys = 2;
static int format = RECOMMENDED_TEXT;
static struct opt_words history = { 0 };

static const struct opt options[] = {
    { OPT_STRING, 0, "user", &user_list,
      "print only for the users with these ids, A,B,..." },
    LOOKUP_HISTORY_OPTION(history, "print for somebody with these items"),
    { OPT_INT, 'n', "number", &number, "items of a user", 1, 100000 },
    { OPT_STRING, 0, "by", &by,
      "scores that order the items (default: those made last)" },
    { OPT_INT, 0, "why", &whys, "nearest items of the history to print beside an item",
      0, 10 },
    FORMAT_OPTION(format, recommended_formats),
    { .type = OPT_END },
};

static const struct synonym synonyms[] = { FORMAT_SYNONYMS, { 0 } };

static const struct cli cli = {
    .synonyms = synonyms,
    .summary = "print recommendations: users, titles, scores, and why",
    .usage = "[FILE...]",
    .example = "recommend --history 'Toy Story' Fargo -- data.mr weights.mr align.mr",
    .options = options,
    .flags = CLI_THREADS | CLI_PROGRESS,
    .footer =
        "Reads candidates of cand-sample --top N and what cf-score and llm-score\n"
        "have made of them.  With --history only the CF model of the stream is asked.",
};

/* What both ways have in common. */
struct task {
    struct filter *f;
    struct history h;
    struct recommended_list out;
    struct unit_vectors unit; /* v NULL: no vectors to find reasons by */
};

static const struct texts *titles_of(struct filter *f, int64_t items)
{
    const struct texts *t =
        filter_has(f, "item.title") ? filter_texts(f, "item.title", "data-import") : NULL;

    if (t && t->count != items)
        die("'item.title' has %" PRId64 " rows, but 'item.id' %" PRId64, t->count, items);
    return t;
}

/* Joint vectors; without stage 1 those of the CF model, perhaps just made (or NULL). */
static void find_vectors(struct task *t, const struct tensor *made)
{
    static const char *const names[] = { "item.joint", "item.cf" };
    const struct tensor *v = made;

    for (int i = 1; i >= 0; i--)
        if (filter_has(t->f, names[i]))
            v = filter_tensor_sized(t->f, names[i], DT_F4, t->h.items, -1,
                                    i ? "cf-embed" : "align-train");
    if (whys > 0 && !v)
        say("no 'item.joint' and no 'item.cf' in the input: no reasons");
    if (whys == 0 || !v)
        return;
    unit_vectors_of(&t->unit, v);
    t->out.whys = (int)whys;
}

static void begin(struct task *t)
{
    history_read(t->f, &t->h);
    t->out.ids = filter_texts(t->f, "item.id", "data-import");
    t->out.titles = titles_of(t->f, t->h.items);
}

static void finish(struct task *t)
{
    recommended_print(stdout, &t->out, (enum recommended_format)format);
    recommended_free(&t->out);
    unit_vectors_free(&t->unit);
    history_free(&t->h);
}

/* Scores of other candidates mean nothing beside these. */
static const float *take_score(struct filter *f, const char *name,
                               const struct candidate_set *c)
{
    const char *digest = filter_attr(f, name, "candidates");
    const char *maker = filter_attr(f, name, "by");

    if (!digest)
        warn("'%s' does not say which candidates it scored; taken for these", name);
    else if (strcmp(digest, c->digest) != 0)
        die("'%s' scored candidates %s, but these are %s: run %s again", name, digest,
            c->digest, maker ? maker : "its scorer");
    return filter_tensor_sized(f, name, DT_F4, c->rows, c->columns, "cf-score")->data;
}

/* All scores in order of appearance; name and score have room for SCORERS_MAX. */
static void take_scores(struct scored_rows *s, struct filter *f,
                        const struct candidate_set *c)
{
    const char *name;

    for (int i = 0; (name = filter_kept_name(f, i)); i++) {
        if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
            continue;
        if (s->scorers == SCORERS_MAX)
            die("more than %d scores " PREFIX "*", SCORERS_MAX);
        s->score[s->scorers] = take_score(f, name, c);
        s->name[s->scorers++] = name + strlen(PREFIX);
    }
}

/* None of the scores is of --by. */
_Noreturn static void no_order(const struct scored_rows *s)
{
    char *list = mem_string(s->scorers ? "" : "no scores");
    struct near near;
    struct error e;

    near_begin(&near, by);
    for (int k = 0; k < s->scorers; k++) {
        char *longer = mem_format("%s%s%s", list, k ? ", " : "", s->name[k]);

        near_offer(&near, s->name[k]);
        free(list);
        list = longer;
    }
    fail(&e, "no '" PREFIX "%s' in the input, which has %s", by, list);
    near_end(&e, &near);
    die("--by: %s", e.text);
}

/* The scorer that orders. */
static int choose_order(const struct scored_rows *s)
{
    if (!by)
        return s->scorers - 1;
    for (int k = 0; k < s->scorers; k++)
        if (strcmp(s->name[k], by) == 0)
            return k;
    no_order(s);
}

/* wanted (users): are the user's rows to be printed? */
static bool *choose_users(struct filter *f, const struct candidate_set *c, int users)
{
    const struct texts *ids = filter_texts(f, "user.id", "data-import");
    bool *wanted = mem_new((size_t)users, sizeof *wanted), *there;
    int count = 0;
    int32_t *list;

    if (!user_list) {
        memset(wanted, true, (size_t)users);
        return wanted;
    }
    list = lookup_users(ids, user_list, "user", &count);
    there = mem_new((size_t)users, sizeof *there);
    for (int64_t i = 0; i < c->rows; i++)
        there[c->user[i]] = true;
    for (int i = 0; i < count; i++) {
        if (!there[list[i]])
            die("--user: no candidates of user '%s' in the input: run cand-sample --top "
                "with that user", texts_at(ids, list[i]));
        wanted[list[i]] = true;
    }
    free(there);
    free(list);
    return wanted;
}

static void add_user(struct task *t, const struct scored_rows *s, int64_t row, int user,
                     const char *id)
{
    const struct history *h = &t->h;

    recommended_add(&t->out, id, s, row, (int)number, t->unit.v ? &t->unit : NULL,
                    h->item + h->first[user], h->first[user + 1] - h->first[user]);
}

static void from_candidates(struct task *t)
{
    const char *name[SCORERS_MAX];
    const float *score[SCORERS_MAX];
    struct scored_rows s = { .name = name, .score = score };
    struct candidate_set c;
    bool *wanted;

    if (!filter_has(t->f, "cand.next.user"))
        die("no 'cand.next.user' in the input: run cand-sample --top N, then cf-score "
            "and llm-score%s", filter_pipe(t->f, "cand-sample --top | cf-score", NULL));
    candidate_set_take(&c, t->f, "next", t->h.users, t->h.items);
    take_scores(&s, t->f, &c);
    find_vectors(t, NULL);
    s.by = choose_order(&s);
    s.item = c.item;
    s.columns = c.columns;
    if (s.by < 0)
        say("no '" PREFIX "*' in the input: items are in the order of cand-sample");
    wanted = choose_users(t->f, &c, t->h.users);
    t->out.scorer = name;
    t->out.scorers = s.scorers;
    t->out.by = s.by;
    for (int64_t i = 0; i < c.rows; i++)
        if (wanted[c.user[i]])
            add_user(t, &s, i, c.user[i],
                     texts_at(filter_texts(t->f, "user.id", "data-import"), c.user[i]));
    finish(t);
    free(wanted);
}

/* A data set of one user with that history; borrows item, frees nothing. */
static void history_of_one(struct history *h, const int32_t *item, int n, int items)
{
    int32_t *user = mem_new((size_t)n, sizeof *user);
    uint8_t *split = mem_new((size_t)n, sizeof *split);
    struct error e;

    if (history_new(h, user, item, NULL, split, n, 1, items, &e) != 0)
        die("%s", e.text);
    free(user);
}

/* The CF model's vectors of all items and of the one user. */
static void ask_model(struct filter *f, const struct history *h, struct tensor *items,
                      struct tensor *user)
{
    const struct backbone_hints none = { 0 };
    struct cf_model m;

    if (cf_model_knows_users(f))
        die("--history: the CF model has vectors of the users that it was trained on, "
            "and none of others");
    cf_model_load(&m, f, h, &none);
    *items = cf_vectors_items(&m, h->items);
    *user = cf_vectors_users(&m, h, AFTER_ALL);
    cf_model_free(&m);
    if (isnan(((float *)user->data)[0]))
        die("--history: the CF model knows none of these items");
}

static void from_history(struct task *t)
{
    int32_t *item = lookup_items(t->out.ids, t->out.titles, &history, "history");
    int items = t->h.items, n = number < items ? (int)number : items, user = 0;
    int32_t *best = mem_new((size_t)n, sizeof *best);
    float *score = mem_new((size_t)n, sizeof *score);
    const char *name = "cf";
    const float *scores = score;
    struct scored_rows s = { .item = best, .columns = n, .name = &name,
                             .score = &scores, .scorers = 1 };
    struct tensor vectors, x;
    struct item_scorer m;

    history_free(&t->h);
    history_of_one(&t->h, item, history.count, items);
    ask_model(t->f, &t->h, &vectors, &x);
    m = (struct item_scorer){ .by = BY_CF, .items = items, .users = 1,
                             .width = vectors.shape[1], .item = vectors.data,
                             .user = x.data };
    catalogue_top(best, n, &m, &t->h, SPLIT_NEXT, &user, 1);
    for (int i = 0; i < n; i++)
        score[i] = best[i] < 0 ? NAN : item_scorer_score(&m, 0, best[i]);
    t->out.scorer = &name;
    t->out.scorers = 1;
    find_vectors(t, &vectors);
    add_user(t, &s, 0, 0, "new");
    free((uint8_t *)t->h.split);
    finish(t);
    tensor_free(&vectors);
    tensor_free(&x);
    free(item), free(best), free(score);
}

static void keep(struct filter *f)
{
    history_read_keep(f);
    filter_keep(f, "item.title");
    if (whys > 0) {
        filter_keep(f, "item.joint");
        filter_keep(f, "item.cf");
    }
    if (history.count > 0) {
        filter_keep(f, "cf.*");
        return;
    }
    filter_keep(f, "cand.next.*");
    filter_keep(f, PREFIX "*");
}

static void check_options(void)
{
    if (history.count > 0 && user_list)
        cli_mistake("--history is of somebody new, --user of those in the stream");
    if (history.count > 0 && by)
        cli_mistake("--by: with --history the CF model orders");
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct task t = { 0 };

    check_options();
    blas_start(argv);
    t.f = filter_open_reading(argc, argv, first);
    keep(t.f);
    filter_read(t.f);
    begin(&t);
    if (history.count > 0)
        from_history(&t);
    else
        from_candidates(&t);
    filter_close(t.f);
    return STATUS_DONE;
}
