/* Says of every interaction whether it is for training, validation or test. */
#include "cli/cli.h"
#include "data/holdouts.h"
#include "data/splits.h"
#include "history/history.h"
#include "stream/filter.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every way to split: its value, its word of --by and the function below that splits. */
#define WAYS(ROW)                                                                        \
    ROW(BY_USER, "leave-one-out", split_last)                                            \
    ROW(BY_TIME, "time", split_latest)                                                   \
    ROW(BY_COLD_ITEMS, "cold-items", split_cold_items)                                   \
    ROW(BY_COLD_USERS, "cold-users", split_cold_users)

#define VALUE(way, word, function) way,
#define WORD(way, word, function) word,
#define FUNCTION(way, word, function) function,

enum { WAYS(VALUE) };
enum { SPLIT_BY = 64 }; /* bytes of a name of a way */

static const char *const ways[] = { WAYS(WORD) NULL };
static int by = BY_USER;
static double valid_share = 0.1, test_share = 0.1;
static long hold = 1, cold_items = 0, length = 3, few_shot = 0;
static long cut_users = 0; /* of --truncate */
static const char *truncate_to = "";

static const struct opt options[] = {
    { OPT_CHOICE, 0, "by", &by, "way to split", .choices = ways },
    { OPT_REAL, 0, "valid-share", &valid_share,
      "with --by time: share of the interactions for validation", .low = 0, .high = 1 },
    { OPT_REAL, 0, "test-share", &test_share,
      "with --by time: share of the interactions for test", .low = 0, .high = 1 },
    { OPT_INT, 0, "hold", &hold,
      "with --by leave-one-out or cold-items: interactions of a user for test", .low = 1,
      .high = 1e6 },
    { OPT_INT, 0, "items", &cold_items,
      "with --by cold-items: items held out; 0: a tenth of all", .low = 0, .high = 1e9 },
    { OPT_INT, 0, "length", &length, "with --by cold-users: interactions of a cold user",
      .low = 2, .high = 1e6 },
    { OPT_STRING, 0, "truncate", &truncate_to,
      "with --by cold-users: USERS:LENGTH cuts USERS users to LENGTH interactions" },
    { OPT_INT, 0, "few-shot", &few_shot,
      "with --by leave-one-out: users that train; 0: all", .low = 0, .high = 1e9 },
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "split interactions into training, validation and test",
    .usage = "[FILE...]",
    .example = "data-import ml-100k | data-split > data.mr",
    .options = options,
    .flags = CLI_SEED | CLI_ONLY,
    .footer =
        "leave-one-out: each user's last interaction is for test, the one before it\n"
        "for validation; users with fewer than 3 train only.\n"
        "time: the last interactions of all are for test, those before for validation.\n"
        "cold-items: a sample of items is only for test; cold-users: users with few\n"
        "interactions are, or a sample that is cut to few.",
};

/* USERS:LENGTH. */
static void parse_truncate(void)
{
    char *users = mem_string(truncate_to), *colon = strchr(users, ':');
    long *number[2];

    if (!colon || strchr(truncate_to, ','))
        cli_mistake("--truncate: '%s' is not USERS:LENGTH, such as 100:3", truncate_to);
    *colon = 0;
    cli_int_list("truncate", users, 1, 1000000000, &number[0]);
    cli_int_list("truncate", colon + 1, 2, 1000000, &number[1]);
    if (cli_changed("length") && length != *number[1])
        cli_mistake("--truncate says a length of its own, %ld: --length %ld does nothing",
                    *number[1], length);
    cut_users = *number[0];
    length = *number[1];
    free(number[0]);
    free(number[1]);
    free(users);
}

static void check_options(void)
{
    if (valid_share + test_share >= 1)
        cli_mistake("--valid-share and --test-share leave nothing for training");
    cli_needs("valid-share", by == BY_TIME, "--by time");
    cli_needs("test-share", by == BY_TIME, "--by time");
    cli_needs("length", by == BY_COLD_USERS, "--by cold-users");
    cli_needs("truncate", by == BY_COLD_USERS, "--by cold-users");
    cli_needs("items", by == BY_COLD_ITEMS, "--by cold-items");
    if (hold > 1 && by != BY_USER && by != BY_COLD_ITEMS)
        cli_mistake("--hold needs --by leave-one-out or cold-items");
    cli_needs("few-shot", by == BY_USER, "--by leave-one-out");
    if (*truncate_to)
        parse_truncate();
}

/* The interactions' columns, checked; the caller frees h. */
static void read_history(struct filter *f, struct history *h, const int32_t **user,
                         const int64_t **time)
{
    const struct tensor *u, *i, *t;
    const struct texts *users, *items;
    struct error e;

    users = filter_texts(f, "user.id", "data-import");
    items = filter_texts(f, "item.id", "data-import");
    u = filter_tensor(f, "inter.user", DT_I4, 1, "data-import");
    i = filter_tensor_sized(f, "inter.item", DT_I4, u->shape[0], 0, "data-import");
    t = filter_tensor_sized(f, "inter.time", DT_I8, u->shape[0], 0, "data-import");
    *user = u->data;
    *time = t->data;
    if (u->shape[0] == 0)
        die("'inter.user' has no rows: nothing to split");
    if (users->count > INT32_MAX || items->count > INT32_MAX)
        die("more than %d users or items", INT32_MAX);
    if (history_new(h, *user, i->data, *time, NULL, u->shape[0], (int)users->count,
                    (int)items->count, &e) != 0)
        die("%s", e.text);
}

/* What split the input has, by an import or another data-split: "" for none. */
static void note_split(const struct frame *frame, void *data)
{
    const char *how = frame_attr(frame, "by");

    if (frame->kind == FRAME_TENSOR && strcmp(frame->name, "inter.split") == 0)
        snprintf(data, SPLIT_BY, "%s", how ? how : "a stage of another program");
}

static void say_replaced(const char *was)
{
    if (strcmp(was, "files") == 0 || strcmp(was, "column") == 0)
        warn("the data set's own split (by %s) is replaced: leave data-split out to keep "
             "it", was);
    else if (*was)
        say("the input's split (by %s) is replaced", was);
}

static void split_cold_items(const struct history *h, const int64_t *time, uint8_t *split)
{
    int n = cold_items > 0 ? (int)cold_items : h->items / 10;
    struct holdout out = holdout_items(h, n, (int)hold, cli_seed, split);

    (void)time;
    if (n == 0)
        die("--items 0: a tenth of %d items is none", h->items);
    if (out.held == 0)
        die("--items %d: only %d items have interactions, and some must remain", n,
            out.of);
    if (out.tested == 0)
        die("--items %d: no user has one of the items after another item", n);
    say("%d of %d items held out: %d users are tested on one, %" PRId64
        " other interactions with them are unused",
        out.held, out.of, out.tested, out.unused);
}

static void split_cold_users(const struct history *h, const int64_t *time, uint8_t *split)
{
    struct holdout out = holdout_users(h, (int)length, (int)cut_users, cli_seed, split);

    (void)time;
    if (out.held == 0 && cut_users > 0)
        die("--truncate %s: only %d users have %ld interactions or more", truncate_to,
            out.of, length);
    if (out.held == 0)
        die("no user has exactly %ld interactions: --truncate USERS:%ld cuts some "
            "to that",
            length, length);
    if (cut_users > 0)
        say("%d of %d users held out, cut to their first %ld interactions: %" PRId64
            " are unused",
            out.held, out.of, length, out.unused);
    else
        say("%d users with exactly %ld interactions held out", out.held, length);
}

static void keep_few(const struct history *h, uint8_t *split)
{
    struct holdout out = holdout_few_shot(h, (int)few_shot, cli_seed, split);

    if (out.held == 0)
        die("--few-shot %ld: only %d users have %s", few_shot, out.of,
            "training, validation and test interactions");
    say("%d of %d users train, all are tested", out.held, out.of);
}

static void split_last(const struct history *h, const int64_t *time, uint8_t *split)
{
    (void)time;
    split_leave_out(h, (int)hold, split);
}

static void split_latest(const struct history *h, const int64_t *time, uint8_t *split)
{
    split_by_time(time, h->n, valid_share, test_share, split);
}

static void split_all(const struct history *h, const int64_t *time, uint8_t *split)
{
    static void (*const functions[])(const struct history *h, const int64_t *time,
                                     uint8_t *split) = { WAYS(FUNCTION) };

    functions[by](h, time, split);
    if (few_shot > 0)
        keep_few(h, split);
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct filter *f;
    struct history h;
    struct tensor split;
    const int32_t *user;
    const int64_t *time;
    char was[SPLIT_BY] = "";

    check_options();
    f = filter_open(argc, argv, first);
    filter_keep(f, "inter.user");
    filter_keep(f, "inter.item");
    filter_keep(f, "inter.time");
    filter_keep(f, "user.id");
    filter_keep(f, "item.id");
    filter_replace(f, "inter.split");
    filter_watch_with(f, note_split, was);
    filter_read(f);
    read_history(f, &h, &user, &time);
    say_replaced(was);
    split = tensor_new1(DT_U1, h.n);
    split_all(&h, time, split.data);
    split_say(&h, time, split.data, filter_attr(f, "inter.time", "unit"));
    filter_put(f, "inter.split", &split,
               (struct attr[]){ { "by", ways[by] }, { NULL, NULL } });
    filter_close(f);
    tensor_free(&split);
    history_free(&h);
    return STATUS_DONE;
}
