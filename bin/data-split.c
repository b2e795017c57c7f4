/* Says of every interaction whether it is for training, validation or test. */
#include "rec/history.h"
#include "rec/splits.h"
#include "stream/filter.h"
#include "util/cli.h"

#include <inttypes.h>
#include <stdlib.h>

enum { BY_USER, BY_TIME };

static const char *const ways[] = { [BY_USER] = "leave-one-out", [BY_TIME] = "time",
                                    NULL };
static int by = BY_USER;
static double valid_share = 0.1, test_share = 0.1;

static const struct opt options[] = {
    { OPT_CHOICE, 0, "by", &by, "how to split", .choices = ways },
    { OPT_REAL, 0, "valid-share", &valid_share, "share of interactions; for time",
      .low = 0, .high = 1 },
    { OPT_REAL, 0, "test-share", &test_share, "share of interactions; for time",
      .low = 0, .high = 1 },
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "split interactions into training, validation and test",
    .usage = "[FILE...]",
    .example = "data-import ml-100k | data-split > data.mr",
    .options = options,
    .flags = CLI_ONLY,
    .footer =
        "leave-one-out: each user's last interaction is for test, the one before it\n"
        "for validation; users with fewer than 3 train only.\n"
              "time: the last interactions of all are for test, those before for "
              "validation.",
};

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

static void say_counts(const struct history *h, const int64_t *time, const uint8_t *split)
{
    struct split_counts c = split_count(h, time, split);

    say("%" PRId64 " training, %" PRId64 " validation, %" PRId64 " test interactions",
        c.rows[SPLIT_TRAIN], c.rows[SPLIT_VALID], c.rows[SPLIT_TEST]);
    if (c.training_only > 0)
        say("%d of %d users train only", c.training_only, h->users);
    if (c.same_time > 0)
        say("%d of %d users have validation and test at the same second: their order is "
            "the file's",
            c.same_time, h->users);
    if (c.rows[SPLIT_TRAIN] == 0)
        warn("no interaction is for training");
    if (c.rows[SPLIT_TEST] == 0)
        warn("no interaction is for test");
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct filter *f;
    struct history h;
    struct tensor split;
    const int32_t *user;
    const int64_t *time;

    if (valid_share + test_share >= 1)
        cli_mistake("--valid-share and --test-share leave nothing for training");
    f = filter_open(argc, argv, first);
    filter_keep(f, "inter.user");
    filter_keep(f, "inter.item");
    filter_keep(f, "inter.time");
    filter_keep(f, "user.id");
    filter_keep(f, "item.id");
    filter_replace(f, "inter.split");
    filter_read(f);
    read_history(f, &h, &user, &time);
    split = tensor_new1(DT_U1, h.n);
    if (by == BY_USER)
        split_leave_one_out(&h, split.data);
    else
        split_by_time(time, h.n, valid_share, test_share, split.data);
    say_counts(&h, time, split.data);
    filter_put(f, "inter.split", &split,
               (struct attr[]){ { "by", ways[by] }, { NULL, NULL } });
    filter_close(f);
    tensor_free(&split);
    history_free(&h);
    return STATUS_DONE;
}
