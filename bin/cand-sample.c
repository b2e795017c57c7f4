/* Chooses the items that each user's held-out item is ranked among. */
#include "rec/candidate_file.h"
#include "rec/candidates.h"
#include "rec/columns.h"
#include "stream/filter.h"
#include "util/cli.h"
#include "util/file.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNIFORM, POPULARITY, ALL, GIVEN };

static const char *const samplers[] = { [UNIFORM] = "uniform", [POPULARITY] = "pop",
                                        [ALL] = "all", NULL };
/* As the candidates' attribute names them. */
static const char *const sampler_names[] = { "uniform", "popularity", "all", "given" };
static const char *const split_names[SPLITS] = { "train", "valid", "test" };
static const char *const purposes[SPLITS] = { "", "cand-sample valid",
                                              "cand-sample test" };

static long number = 19, user_count = 0;
static int by = UNIFORM;
static const char *splits = "test", *from = NULL;

static const struct opt options[] = {
    { OPT_INT, 'n', "number", &number, "candidates beside the truth", .low = 1,
      .high = 1e6 },
    { OPT_CHOICE, 0, "by", &by, "how they are drawn", .choices = samplers },
    { OPT_STRING, 0, "for", &splits, "splits: test, valid, or valid,test", .low = 0 },
    { OPT_INT, 0, "users", &user_count, "a seeded sample of that many users; 0 takes all",
      .low = 0, .high = 1e9 },
    { OPT_PATH, 0, "from", &from,
      "take them from lines of a user's id and item ids, tabs between",
      .low = 0 },
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "choose the items to rank for each user",
    .usage = "[FILE...]",
    .example = "cand-sample -n 99 --by pop data.mr > cand.mr",
    .options = options,
    .flags = CLI_SEED | CLI_ONLY,
    .footer = "The truth stands in a random place that is not marked.  No candidate is\n"
              "another interaction of the user; -1 fills rows of a small catalogue.",
};

/* Which splits --for names. */
static void parse_splits(bool *wanted)
{
    char *text = mem_string(splits), *rest = NULL;
    int count = 0;

    for (char *s = strtok_r(text, ",", &rest); s; s = strtok_r(NULL, ",", &rest)) {
        bool test = strcmp(s, "test") == 0;

        if (!test && strcmp(s, "valid") != 0)
            cli_mistake("--for: '%s' is neither test nor valid", s);
        wanted[test ? SPLIT_TEST : SPLIT_VALID] = true;
        count++;
    }
    free(text);
    if (count == 0)
        cli_mistake("--for names no split");
    if (from && count > 1)
        cli_mistake("--from gives the candidates of one split, --for names %d", count);
    if (from && by == ALL)
        cli_mistake("--from gives candidates, --by all takes every item");
}

/* One split's candidates: users ascending, a row of items for each. */
struct choice {
    enum split split;
    int sampler, rows, columns;
    int32_t *user, *item;
};

/* Users who have something to predict in the split. */
static void choose_users(struct choice *c, const struct history *h)
{
    c->user = mem_new((size_t)h->users, sizeof *c->user);
    for (int u = 0; u < h->users; u++)
        if (history_target(h, u, c->split) >= 0)
            c->user[c->rows++] = u;
    if (c->rows == 0)
        die("no user has an interaction in the %s split", split_names[c->split]);
    if (user_count > c->rows)
        die("--users %ld: only %d users have an interaction in the %s split", user_count,
            c->rows, split_names[c->split]);
    if (user_count > 0)
        c->rows =
            candidates_sample_users(c->user, c->rows, (int)user_count, cli_seed);
}

static void draw_row(struct choice *c, const struct history *h, struct candidates *pool,
                     int i)
{
    int32_t *row = c->item + (int64_t)i * c->columns;
    int64_t first = h->first[c->user[i]], count = h->first[c->user[i] + 1] - first;
    int truth = h->item[history_target(h, c->user[i], c->split)], drawn;
    rng r = rng_keyed(purposes[c->split], cli_seed, 0, (uint64_t)c->user[i]);

    drawn = candidates_draw(pool, &r, h->item + first, count, truth, c->columns - 1, row);
    candidates_hide(&r, row, drawn, truth);
    for (int j = drawn + 1; j < c->columns; j++)
        row[j] = -1;
}

static void draw(struct choice *c, const struct history *h)
{
    int64_t *popularity = c->sampler == POPULARITY ? history_popularity(h) : NULL;
    struct candidates *pool = candidates_new(h->items, popularity);

    c->columns = (int)number + 1;
    c->item = mem_new((size_t)c->rows * (size_t)c->columns, sizeof *c->item);
    for (int i = 0; i < c->rows; i++)
        draw_row(c, h, pool, i);
    candidates_free(pool);
    free(popularity);
}

/* Rows of the file for the users chosen, each in a new order. */
static void take_file(struct choice *c, struct filter *f, const struct history *h)
{
    struct candidate_file file;
    struct error e;

    if (candidate_file_read(&file, from, filter_texts(f, "user.id", "data-import"),
                            filter_texts(f, "item.id", "data-import"), h, c->split,
                            &e) != 0)
        die("%s", e.text);
    *c = (struct choice){ .split = c->split, .sampler = GIVEN, .rows = file.rows,
                          .columns = file.columns };
    c->user = file.user;
    c->item = file.item;
    for (int i = 0; i < c->rows; i++) {
        rng r = rng_keyed(purposes[c->split], cli_seed, 0, (uint64_t)c->user[i]);
        int count = 0;

        while (count < c->columns && c->item[(int64_t)i * c->columns + count] >= 0)
            count++;
        rng_shuffle(&r, c->item + (int64_t)i * c->columns, count);
    }
}

/* Of a file's rows, those of the users that the sample takes. */
static void sample_rows(struct choice *c)
{
    int32_t *list = mem_new((size_t)c->rows, sizeof *list);
    size_t row = (size_t)c->columns * sizeof *c->item;
    int kept = 0;

    if (user_count > c->rows)
        die("--users %ld: the file has only %d", user_count, c->rows);
    memcpy(list, c->user, (size_t)c->rows * sizeof *list);
    candidates_sample_users(list, c->rows, (int)user_count, cli_seed);
    for (int i = 0; i < c->rows && kept < user_count; i++)
        if (c->user[i] == list[kept]) {
            c->user[kept] = c->user[i];
            memmove(c->item + (int64_t)kept * c->columns,
                    c->item + (int64_t)i * c->columns, row);
            kept++;
        }
    c->rows = kept;
    free(list);
}

static void put(struct filter *f, const struct choice *c)
{
    const char *split = split_names[c->split];
    char *names[] = { mem_format("cand.%s.user", split),
                      mem_format("cand.%s.item", split) };
    struct tensor user = tensor_view1(DT_I4, c->rows, c->user);
    struct tensor item = tensor_view2(DT_I4, c->rows, c->columns, c->item);
    char count[32], seed[32];
    const struct attr attrs[] = { { "split", split },
                                  { "sampler", sampler_names[c->sampler] },
                                  { "number", count },
                                  { "seed", seed },
                                  { NULL, NULL } };
    const struct series_out group[] = { { names[0], .tensor = &user, .attrs = attrs },
                                        { names[1], .tensor = &item, .attrs = attrs } };

    snprintf(count, sizeof count, "%d", c->columns - 1);
    snprintf(seed, sizeof seed, "%" PRIu64, cli_seed);
    filter_put_group(f, group, c->sampler == ALL ? 1 : 2);
    free(names[0]);
    free(names[1]);
}

static void say_choice(const struct choice *c)
{
    int padded = 0;

    for (int i = 0; c->item && i < c->rows; i++)
        padded += c->item[(int64_t)(i + 1) * c->columns - 1] < 0;
    say("%s: %d users, %d candidates each (%s)", split_names[c->split], c->rows,
        c->columns, sampler_names[c->sampler]);
    if (padded > 0)
        say("%s: %d users have fewer, padded with -1", split_names[c->split], padded);
}

static void choose(struct filter *f, const struct history *h, enum split split)
{
    struct choice c = { .split = split, .sampler = by };

    if (from) {
        take_file(&c, f, h);
        if (user_count > 0)
            sample_rows(&c);
    } else {
        choose_users(&c, h);
        c.columns = h->items; /* all */
        if (by != ALL)
            draw(&c, h);
    }
    say_choice(&c);
    put(f, &c);
    free(c.user);
    free(c.item);
}

int main(int argc, char **argv)
{
    static const char *const patterns[SPLITS] = { "", "cand.valid.*", "cand.test.*" };
    int first = cli_parse(argc, argv, &cli);
    bool wanted[SPLITS] = { false };
    struct history h;
    struct filter *f;

    parse_splits(wanted);
    if (from && !file_exists(from))
        die("%s: no such file", from);
    f = filter_open(argc, argv, first);
    columns_keep(f);
    for (int s = SPLIT_VALID; s <= SPLIT_TEST; s++)
        if (wanted[s])
            filter_replace(f, patterns[s]);
    filter_read(f);
    columns_history(f, &h);
    for (int s = SPLIT_VALID; s <= SPLIT_TEST; s++)
        if (wanted[s])
            choose(f, &h, (enum split)s);
    filter_close(f);
    history_free(&h);
    return STATUS_DONE;
}
