#include "rec/candidate_set.h"

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

void candidate_set_take(struct candidate_set *c, struct filter *f, const char *split,
                        int64_t users, int64_t items)
{
    char *user = mem_format("cand.%s.user", split), *item = mem_format("cand.%s.item", split);
    const char *sampler = filter_attr(f, user, "sampler");

    if (sampler && strcmp(sampler, "all") == 0)
        die("'%s' asks for all items: only drawn candidates are scored yet, run "
            "cand-sample -n N", user);
    c->users = filter_tensor(f, user, DT_I4, 1, "cand-sample");
    c->rows = tensor_rows(c->users);
    c->items = filter_tensor_sized(f, item, DT_I4, c->rows, -1, "cand-sample");
    c->columns = c->items->shape[1];
    c->user = c->users->data;
    c->item = c->items->data;
    check_range(user, "user", c->user, c->rows, 1, 0, users);
    check_range(item, "item", c->item, c->rows * c->columns, c->columns, -1, items);
    free(user);
    free(item);
}
