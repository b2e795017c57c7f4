/* Chooses the items that each user's held-out item is ranked among, or the best unseen
 * ones of the whole catalogue. */
#include "cand/candidate_file.h"
#include "cand/candidate_rows.h"
#include "cand/candidates.h"
#include "cli/cli.h"
#include "history/history_read.h"
#include "history/sample.h"
#include "nn/blas.h"
#include "score/candidate_top.h"
#include "util/file.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* Every way to choose: its value, its word of --by, and its struct way. */
#define WAYS(ROW)                                                                        \
    ROW(UNIFORM, "uniform", "uniform", NULL, 0)                                          \
    ROW(POPULARITY, "pop", "popularity", "top-pop", BY_POP)                              \
    ROW(COLD, "cold", "unseen", NULL, 0)                                                 \
    ROW(ALL, "all", "all", NULL, 0)                                                      \
    ROW(CF, "cf", NULL, "top-cf", BY_CF)                                                 \
    ROW(JOINT, "joint", NULL, "top-joint", BY_JOINT)                                     \
    ROW(JOINT_TEXT, "joint-text", NULL, "top-joint-text", BY_JOINT_TEXT)                 \
    ROW(FUSED, "fused", NULL, "top-fused", BY_FUSED)

#define VALUE(way, ...) way,
#define WORD(way, word, ...) word,
#define WAY(way, word, ...) { __VA_ARGS__ },

enum { WAYS(VALUE) };

static const char *const way_names[] = { WAYS(WORD) NULL };

static const struct way {
    const char *drawn; /* as the candidates' attribute names them; NULL: none drawn so */
    const char *top;
    enum item_scorer_by model;
} ways[] = { WAYS(WAY) };

enum { FIRST, ALL_HELDOUT };

static const char *const target_names[] = {
    [FIRST] = "first", [ALL_HELDOUT] = "all-heldout", NULL
};

static const char *const purposes[SPLITS] = { "", "cand-sample valid",
                                              "cand-sample test" };

static long number = 19, user_count = 0, cold_most = 0;
static int by = UNIFORM, target_from = FIRST;
static const char *splits = "test", *from = NULL;
static struct candidate_top top;

static const struct opt options[] = {
    { OPT_INT, 'n', "number", &number, "candidates beside the truth", .low = 1,
      .high = 1e6 },
    { OPT_CHOICE, 0, "by", &by,
      "way to choose candidates: drawn (uniform, pop, cold), all, or found by vectors",
      .choices = way_names },
    { OPT_INT, 0, "cold-most", &cold_most,
      "with --by cold: items of up to N training interactions, truths too",
      .low = 0, .high = 1e9 },
    { OPT_INT, 0, "top", &top.number,
      "choose the N best items that a user has not had, whatever the truth; 0: do not",
      .low = 0, .high = 1e6 },
    { OPT_STRING, 0, "for", &splits, "splits to choose for: test, valid, or valid,test",
      .low = 0 },
    { OPT_CHOICE, 0, "target-from", &target_from,
      "truths of a user: the first held-out item, or a row for each held-out item",
      .choices = target_names },
    SAMPLE_USERS_OPTION(user_count, "choose"),
    { OPT_STRING, 0, "ids", &top.ids,
      "with --top: choose only for the users with these ids, A,B,..." },
    { OPT_PATH, 0, "ids-from", &top.ids_from,
      "with --top: choose only for the users whose ids stand in FILE, an id a line" },
    { OPT_WORDS, 0, "with", &top.with,
      "with --top: add these items, by id or title, up to the next option or --" },
    { OPT_PATH, 0, "from", &from,
      "take the candidates from FILE: lines of a user's id and item ids, tabs between",
      .low = 0 },
    { .type = OPT_END },
};

static const char *const given[] = { "number", "by", "for", "target-from", "cold-most",
                                     NULL };

static const struct cli cli = {
    .summary = "choose the items to rank for each user",
    .usage = "[FILE...]",
    .example = "cand-sample -n 99 --by pop data.mr > cand.mr",
    .options = options,
    .flags = CLI_SEED | CLI_THREADS | CLI_ONLY,
    .given = given,
    .footer = "The truth stands in a random place that is not marked.  No candidate is\n"
              "another interaction of the user; -1 fills rows of a small catalogue.\n"
              "--top takes no truth: cf (its default), joint, joint-text, fused or pop\n"
              "rank every item for who the user is by now, and cand.next.* holds the\n"
              "best; with --for test, as of the test item, cand.test.*: a missed truth\n"
              "counts as 0.",
};

/* What goes with --top and what does not. */
static void check_top(void)
{
    if (top.number == 0 && !ways[by].drawn)
        cli_mistake("--by %s finds items only with --top N", way_names[by]);
    if (top.number == 0 && (top.ids || top.ids_from))
        cli_mistake("--ids and --ids-from name users of --top N");
    if (top.number == 0 && top.with.count > 0)
        cli_mistake("--with adds items to those of --top N");
    if (top.number == 0)
        return;
    if (!cli_given("by"))
        by = CF;
    top.users = user_count;
    top.sampler = ways[by].top;
    top.model = ways[by].model;
    if (!top.sampler)
        cli_mistake("--top: --by %s gives no order; cf, joint, joint-text, fused and "
                    "pop do",
                    way_names[by]);
    if (cli_given("number") || from || cli_given("target-from"))
        cli_mistake("--top goes without -n, --target-from and --from");
    if (cli_given("for") && (top.ids || top.ids_from || top.with.count > 0))
        cli_mistake("--top --for takes all users with a truth or a sample, and no other "
                    "items: it goes without --ids, --ids-from and --with");
    if ((top.ids != NULL) + (top.ids_from != NULL) + (user_count > 0) > 1)
        cli_mistake("only one of --users, --ids and --ids-from");
}

/* Which splits --for names. */
static void parse_splits(bool *wanted)
{
    char *text = mem_string(splits), *rest = NULL;
    int count = 0;

    for (char *s = strtok_r(text, ",", &rest); s; s = strtok_r(NULL, ",", &rest)) {
        bool test = strcmp(s, split_names[SPLIT_TEST]) == 0;

        if (!test && strcmp(s, split_names[SPLIT_VALID]) != 0)
            cli_mistake("--for: '%s' is neither test nor valid", s);
        wanted[test ? SPLIT_TEST : SPLIT_VALID] = true;
        count++;
    }
    free(text);
    if (count == 0)
        cli_mistake("--for names no split");
    if (from && count > 1)
        cli_mistake("--from gives the candidates of one split, --for names %d", count);
    if (target_from == ALL_HELDOUT && (from || by == ALL))
        cli_mistake("--target-from all-heldout needs candidates that are drawn");
    if (cli_given("cold-most") && by != COLD)
        cli_mistake("--cold-most says which items --by cold takes");
    if (from && by == ALL)
        cli_mistake("--from gives candidates, --by all takes every item");
    if (from && cli_changed("by"))
        cli_mistake("--from gives candidates, --by %s draws them", way_names[by]);
    if (cli_changed("number") && (from || by == ALL))
        cli_mistake("-n says how many are drawn: --%s draws none", from ? "from" :
                    "by all");
}

/* Items that --by cold takes have weight 1, others 0; NULL for other ways. */
static int64_t *weigh_cold(const struct history *h)
{
    int64_t *weight = by == COLD ? history_popularity(h) : NULL;

    for (int i = 0; weight && i < h->items; i++)
        weight[i] = weight[i] <= cold_most;
    return weight;
}

/* Is row `at` one to rank?  cold: of weigh_cold. */
static bool is_target(const struct history *h, const int64_t *cold, int64_t at,
                      enum split split)
{
    return h->split[at] == split && (!cold || cold[h->item[at]]);
}

/* Has the user such a row, the first held-out one or any? */
static bool has_target(const struct history *h, const int64_t *cold, int user,
                       enum split split)
{
    int64_t at = history_target(h, user, split);

    if (at < 0 || target_from == FIRST)
        return at >= 0 && is_target(h, cold, at, split);
    while (at < h->first[user + 1] && !is_target(h, cold, at, split))
        at++;
    return at < h->first[user + 1];
}

/* Users who have something to predict in the split. */
static void choose_users(struct candidate_rows *c, const struct history *h,
                         const int64_t *cold, enum split split)
{
    int left_out = 0;

    c->user = mem_new((size_t)h->users, sizeof *c->user);
    for (int u = 0; u < h->users; u++) {
        if (has_target(h, cold, u, split))
            c->user[c->rows++] = u;
        else
            left_out += history_target(h, u, split) >= 0;
    }
    if (left_out > 0)
        say("%s: %d users left out, whose held-out items have more than %ld training "
            "interactions", c->split, left_out, cold_most);
    if (c->rows == 0 && left_out > 0)
        die("no user's %s item has at most %ld training interactions", c->split,
            cold_most);
    if (c->rows == 0)
        die("no user has an interaction in the %s split", c->split);
    if (user_count > c->rows)
        die("--users %ld: only %d users have an interaction in the %s split", user_count,
            c->rows, c->split);
    if (user_count > 0)
        c->rows =
            candidates_sample_users(c->user, c->rows, (int)user_count, cli_seed);
}

/* The row that each row of candidates is drawn for: the user's first of the split, or
 * all of them, for which users then have several rows.  Free with free(). */
static int64_t *targets(struct candidate_rows *c, const struct history *h,
                        const int64_t *cold, enum split split)
{
    int64_t *target = mem_new((size_t)h->n, sizeof *target);
    int32_t *user = mem_new((size_t)h->n, sizeof *user);
    int rows = 0;

    for (int i = 0; i < c->rows; i++) {
        int u = c->user[i];

        for (int64_t at = history_target(h, u, split); at < h->first[u + 1]; at++) {
            if (!is_target(h, cold, at, split))
                continue;
            user[rows] = u;
            target[rows++] = at;
            if (target_from == FIRST)
                break;
        }
    }
    free(c->user);
    c->user = user;
    c->rows = rows;
    return target;
}

/* nth: of the user's rows; each has its own draws. */
static void draw_row(struct candidate_rows *c, const struct history *h, enum split split,
                     struct candidates *pool, int i, int64_t target, int nth)
{
    int32_t *row = c->item + (int64_t)i * c->columns;
    int64_t first = h->first[c->user[i]], count = h->first[c->user[i] + 1] - first;
    int truth = h->item[target], drawn;
    rng r = rng_keyed(purposes[split], cli_seed, (uint64_t)nth, (uint64_t)c->user[i]);

    drawn = candidates_draw(pool, &r, h->item + first, count, truth, c->columns - 1, row);
    candidates_hide(&r, row, drawn, truth);
    for (int j = drawn + 1; j < c->columns; j++)
        row[j] = -1;
}

static void draw(struct candidate_rows *c, const struct history *h, const int64_t *cold,
                 enum split split)
{
    int64_t *popularity = by == POPULARITY ? history_popularity(h) : NULL;
    struct candidates *pool = candidates_new(h->items, cold ? cold : popularity);
    int64_t *target = targets(c, h, cold, split);
    int nth = 0;

    c->columns = candidate_rows_bound(c, number + 1, h->items);
    c->item = mem_new((size_t)c->rows * (size_t)c->columns, sizeof *c->item);
    for (int i = 0; i < c->rows; i++) {
        nth = i > 0 && c->user[i] == c->user[i - 1] ? nth + 1 : 0;
        draw_row(c, h, split, pool, i, target[i], nth);
    }
    free(target);
    candidates_free(pool);
    free(popularity);
}

/* Rows of the file for the users chosen, each in a new order. */
static void take_file(struct candidate_rows *c, struct filter *f, const struct history *h,
                      enum split split)
{
    struct candidate_file file;
    struct error e;

    if (candidate_file_read(&file, from, filter_texts(f, "user.id", "data-import"),
                            filter_texts(f, "item.id", "data-import"), h, split, &e) != 0)
        die("%s", e.text);
    c->sampler = "given";
    c->rows = file.rows;
    c->columns = file.columns;
    c->user = file.user;
    c->item = file.item;
    for (int i = 0; i < c->rows; i++) {
        rng r = rng_keyed(purposes[split], cli_seed, 0, (uint64_t)c->user[i]);
        int count = 0;

        while (count < c->columns && c->item[(int64_t)i * c->columns + count] >= 0)
            count++;
        rng_shuffle(&r, c->item + (int64_t)i * c->columns, count);
    }
    if (user_count > c->rows)
        die("--users %ld: the file has only %d", user_count, c->rows);
    if (user_count > 0)
        candidate_rows_sample(c, (int)user_count, cli_seed);
}

static void choose(struct filter *f, const struct history *h, enum split split)
{
    struct candidate_rows c = { .split = split_names[split], .sampler = ways[by].drawn };
    int64_t *cold = weigh_cold(h);
    char *few = NULL;

    if (by == COLD && cold_most > 0)
        c.sampler = few = mem_format("of at most %ld interactions", cold_most);
    if (from) {
        take_file(&c, f, h, split);
    } else {
        choose_users(&c, h, cold, split);
        c.columns = h->items; /* all */
        if (by != ALL)
            draw(&c, h, cold, split);
    }
    c.number = c.columns - 1;
    candidate_rows_say(&c);
    candidate_rows_put(&c, f, cli_seed);
    candidate_rows_free(&c);
    free(cold);
    free(few);
}

static void check_file(const char *path)
{
    if (path && strcmp(path, "-") != 0 && !file_exists(path))
        die("%s: no such file", path);
}

/* Is it what comes after the history? */
static bool is_next(void)
{
    return top.number > 0 && !cli_given("for");
}

static void keep(struct filter *f, const bool *wanted)
{
    static const char *const patterns[SPLITS] = { "", "cand.valid.*", "cand.test.*" };

    history_read_keep(f);
    if (is_next())
        candidate_top_keep(f, &top, SPLIT_NEXT);
    for (int s = SPLIT_VALID; s <= SPLIT_TEST && !is_next(); s++)
        if (wanted[s] && top.number > 0)
            candidate_top_keep(f, &top, s);
        else if (wanted[s])
            filter_replace(f, patterns[s]);
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    bool wanted[SPLITS] = { false };
    struct history h;
    struct filter *f;

    parse_splits(wanted);
    check_top();
    check_file(from);
    check_file(top.ids_from);
    if (top.number > 0)
        blas_start(argv);
    f = filter_open(argc, argv, first);
    keep(f, wanted);
    filter_read(f);
    history_read(f, &h);
    if (is_next())
        candidate_top_put(&top, f, &h, SPLIT_NEXT, cli_seed);
    for (int s = SPLIT_VALID; s <= SPLIT_TEST && !is_next(); s++)
        if (wanted[s] && top.number > 0)
            candidate_top_put(&top, f, &h, s, cli_seed);
        else if (wanted[s])
            choose(f, &h, (enum split)s);
    filter_close(f);
    history_free(&h);
    return STATUS_DONE;
}
