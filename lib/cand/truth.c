#include "cand/truth.h"

#include "util/mem.h"

#include <stdio.h>
#include <stdlib.h>

int truth_column(const int32_t *item, int columns, int32_t truth)
{
    int found = -1;

    for (int i = 0; i < columns; i++) {
        if (item[i] != truth)
            continue;
        if (found >= 0)
            return -2;
        found = i;
    }
    return found;
}

/* "'196'", or the number where there are no ids. */
static const char *user_name(const struct texts *ids, int32_t user, char *text,
                             size_t size)
{
    if (ids && user >= 0 && user < ids->count)
        snprintf(text, size, "'%s'", texts_at(ids, user));
    else
        snprintf(text, size, "%d", user);
    return text;
}

/* The column of the first held-out item of row u's user among its candidates, whose row
 * of the history *at becomes: no candidate is another of the user's items.
 * truth_column's -1 and -2 for the item of *at, the first of all, where there is none. */
static int find_column(const struct truth_rows *r, const struct history *h, int64_t u,
                       int64_t *at)
{
    const int32_t *item = r->item + u * r->columns;
    int first = truth_column(item, r->columns, h->item[*at]);

    for (int64_t i = *at; first == -1 && i < h->first[r->user[u] + 1]; i++) {
        int column = h->split[i] == r->split
                         ? truth_column(item, r->columns, h->item[i])
                         : -1;

        if (column >= 0) {
            *at = i;
            return column;
        }
    }
    return first;
}

int truth_find(struct truth *t, const struct truth_rows *r, const struct history *h,
               const struct texts *ids, struct error *e)
{
    const char *split = split_names[r->split];
    char name[128];

    *t = (struct truth){ mem_new((size_t)r->users, sizeof *t->column),
                         mem_new((size_t)r->users, sizeof *t->item), 0 };
    for (int64_t u = 0; u < r->users; u++) {
        int32_t user = r->user[u];
        int64_t at = user >= 0 && user < h->users ? history_target(h, user, r->split)
                                                  : -1;

        user_name(ids, user, name, sizeof name);
        if (at < 0)
            return fail(e, "cand.%s.user: row %lld: user %s has no %s interaction", split,
                        (long long)u, name, split);
        t->people += u == 0 || r->user[u - 1] != user;
        if (r->item)
            t->column[u] = find_column(r, h, u, &at);
        t->item[u] = h->item[at];
        if (t->column[u] == -2 || (t->column[u] == -1 && !r->retrieved))
            return fail(e, "cand.%s.item: row %lld: item %d, the %s item of user %s, is "
                           "%s among its candidates: run cand-sample -n N",
                        split, (long long)u, h->item[at], split, name,
                        t->column[u] == -1 ? "not" : "more than once");
    }
    return 0;
}

void truth_free(struct truth *t)
{
    free(t->column);
    free(t->item);
    *t = (struct truth){ 0 };
}
