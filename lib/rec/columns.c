#include "rec/columns.h"

#include "util/error.h"

#include <limits.h>

void columns_keep(struct filter *f)
{
    static const char *const names[] = { "inter.user", "inter.item", "inter.time",
                                         "inter.split", "user.id", "item.id" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        filter_keep(f, names[i]);
}

static int count_of(struct filter *f, const char *name)
{
    int64_t n = filter_texts(f, name, "data-import")->count;

    if (n > INT_MAX / 2)
        die("'%s' has %lld rows, expected at most %d", name, (long long)n, INT_MAX / 2);
    return (int)n;
}

void columns_history(struct filter *f, struct history *h)
{
    const struct tensor *user =
        filter_tensor_sized(f, "inter.user", DT_I4, -1, 0, "data-import");
    int64_t n = tensor_rows(user);
    const struct tensor *item =
        filter_tensor_sized(f, "inter.item", DT_I4, n, 0, "data-import");
    const struct tensor *time =
        filter_tensor_sized(f, "inter.time", DT_I8, n, 0, "data-import");
    const struct tensor *split =
        filter_tensor_sized(f, "inter.split", DT_U1, n, 0, "data-split");
    struct error e;

    if (history_new(h, user->data, item->data, time->data, split->data, n,
                    count_of(f, "user.id"), count_of(f, "item.id"), &e) != 0)
        die("%s", e.text);
}

void columns_keep_bare(struct filter *f)
{
    filter_keep(f, "inter.user");
    filter_keep(f, "inter.item");
    filter_keep(f, "inter.split");
}

void columns_history_bare(struct filter *f, struct history *h, int64_t users,
                          int64_t items)
{
    const struct tensor *user =
        filter_tensor_sized(f, "inter.user", DT_I4, -1, 0, "data-import");
    int64_t n = tensor_rows(user);
    const struct tensor *item =
        filter_tensor_sized(f, "inter.item", DT_I4, n, 0, "data-import");
    const struct tensor *split =
        filter_tensor_sized(f, "inter.split", DT_U1, n, 0, "data-split");
    struct error e;

    if (users > INT_MAX / 2 || items > INT_MAX / 2)
        die("%lld users and %lld items, expected at most %d of each", (long long)users,
            (long long)items, INT_MAX / 2);
    if (history_new(h, user->data, item->data, NULL, split->data, n, (int)users,
                    (int)items, &e) != 0)
        die("%s", e.text);
}
