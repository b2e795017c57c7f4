#include "cand/candidate_set.h"

#include "util/error.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* Every v (n) within [least, end); v[i] stands in row i / columns. */
static void check_range(const char *name, const char *what, const int32_t *v, int64_t n,
                        int64_t columns, int least, int64_t end)
{
    for (int64_t i = 0; i < n; i++)
        if (v[i] < least || v[i] >= end)
            die("'%s': row %lld: %s %d, expected %d to %lld", name,
                (long long)(i / columns), what, v[i], least, (long long)end - 1);
}

bool candidate_set_is_all(struct filter *f, const char *split)
{
    char *user = mem_format("cand.%s.user", split);
    const char *sampler = filter_attr(f, user, "sampler");

    free(user);
    return sampler && strcmp(sampler, "all") == 0;
}

void candidate_set_take_users(struct candidate_set *c, struct filter *f,
                              const char *split, int64_t users)
{
    char *name = mem_format("cand.%s.user", split);
    const struct tensor *rows = filter_tensor(f, name, DT_I4, 1, "cand-sample");

    *c = (struct candidate_set){ .part = row_part_of(f, name, 1) };
    row_part_digest(f, name, c->digest);
    c->rows = c->part.count;
    c->user = (const int32_t *)rows->data + c->part.at;
    check_range(name, "user", c->user, c->rows, 1, 0, users);
    free(name);
}

void candidate_set_take(struct candidate_set *c, struct filter *f, const char *split,
                        int64_t users, int64_t items)
{
    char *user = mem_format("cand.%s.user", split),
         *item = mem_format("cand.%s.item", split);
    const struct tensor *user_rows, *item_rows;
    struct row_part item_part;

    if (candidate_set_is_all(f, split))
        die("'%s' asks for all items, which only cf-score ranks: run cand-sample -n N",
            user);
    user_rows = filter_tensor(f, user, DT_I4, 1, "cand-sample");
    item_rows =
        filter_tensor_sized(f, item, DT_I4, tensor_rows(user_rows), -1, "cand-sample");
    c->part = row_part_of(f, user, 1);
    item_part = row_part_of(f, item, 1);
    if (item_part.first != c->part.first || item_part.all != c->part.all)
        die("'%s' begins at row %lld of %lld, '%s' at %lld of %lld: cut them together",
            user, (long long)c->part.first, (long long)c->part.all, item,
            (long long)item_part.first, (long long)item_part.all);
    row_part_digest(f, item, c->digest);
    c->rows = c->part.count;
    c->columns = item_rows->shape[1];
    c->user = (const int32_t *)user_rows->data + c->part.at;
    c->item = (const int32_t *)item_rows->data + c->part.at * c->columns;
    check_range(user, "user", c->user, c->rows, 1, 0, users);
    check_range(item, "item", c->item, c->rows * c->columns, c->columns, -1, items);
    free(user);
    free(item);
}
