#include "history/history_read.h"

#include "util/error.h"

#include <limits.h>

void history_read_keep(struct filter *f)
{
    static const char *const names[] = { "inter.user", "inter.item", "inter.time",
                                         "inter.split", "user.id", "item.id" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        filter_keep(f, names[i]);
}

struct history_columns history_read_columns(struct filter *f)
{
    const struct tensor *user = filter_tensor(f, "inter.user", DT_I4, 1, "data-import");
    int64_t n = tensor_rows(user);

    return (struct history_columns){
        .n = n, .user = user->data,
        .item = filter_tensor_sized(f, "inter.item", DT_I4, n, 0, "data-import")->data,
        .split = filter_tensor_sized(f, "inter.split", DT_U1, n, 0, "data-split")->data,
    };
}

static void make(struct history *h, const struct history_columns *c, const int64_t *time,
                 int64_t users, int64_t items)
{
    struct error e;

    if (users > INT_MAX / 2 || items > INT_MAX / 2)
        die("%lld users and %lld items, expected at most %d of each", (long long)users,
            (long long)items, INT_MAX / 2);
    if (history_new(h, c->user, c->item, time, c->split, c->n, (int)users, (int)items,
                    &e) != 0)
        die("%s", e.text);
}

void history_read(struct filter *f, struct history *h)
{
    struct history_columns c = history_read_columns(f);
    const struct tensor *time =
        filter_tensor_sized(f, "inter.time", DT_I8, c.n, 0, "data-import");

    make(h, &c, time->data, filter_texts(f, "user.id", "data-import")->count,
         filter_texts(f, "item.id", "data-import")->count);
}

void history_read_keep_bare(struct filter *f)
{
    filter_keep(f, "inter.user");
    filter_keep(f, "inter.item");
    filter_keep(f, "inter.split");
}

void history_read_bare(struct filter *f, struct history *h, int64_t users,
                       int64_t items)
{
    struct history_columns c = history_read_columns(f);

    make(h, &c, NULL, users, items);
}
