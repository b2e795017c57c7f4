/* What is done to a data set once it is read: filters and numbers. */
#include "data/dataset.h"
#include "data/dataset_order.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

void dataset_move_row(struct dataset *d, int64_t to, int64_t from)
{
    d->user[to] = d->user[from];
    d->item[to] = d->item[from];
    d->time[to] = d->time[from];
    if (d->fraction)
        d->fraction[to] = d->fraction[from];
    if (d->rating)
        d->rating[to] = d->rating[from];
    if (d->split)
        d->split[to] = d->split[from];
}

int64_t dataset_keep_rated(struct dataset *d, double least)
{
    int64_t n = 0;

    for (int64_t i = 0; i < d->n; i++)
        if (d->rating[i] >= least)
            dataset_move_row(d, n++, i);
    return d->n = n;
}

static int64_t *count_ids(const int32_t *id, int64_t n, int64_t ids)
{
    int64_t *count = mem_new((size_t)ids, sizeof *count);

    for (int64_t i = 0; i < n; i++)
        count[id[i]]++;
    return count;
}

int64_t dataset_keep_core(struct dataset *d, int k, int *rounds)
{
    for (*rounds = 0;; ++*rounds) {
        int64_t *of_user = count_ids(d->user, d->n, d->users.texts.count);
        int64_t *of_item = count_ids(d->item, d->n, d->items.texts.count);
        int64_t n = 0, before = d->n;

        for (int64_t i = 0; i < d->n; i++)
            if (of_user[d->user[i]] >= k && of_item[d->item[i]] >= k)
                dataset_move_row(d, n++, i);
        free(of_user);
        free(of_item);
        d->n = n;
        if (n == before)
            return n;
    }
}

static int64_t count_distinct(const int32_t *id, int64_t n, int64_t ids)
{
    int64_t *count = count_ids(id, n, ids), distinct = 0;

    for (int64_t i = 0; i < ids; i++)
        distinct += count[i] > 0;
    free(count);
    return distinct;
}

void dataset_count(const struct dataset *d, int64_t *users, int64_t *items)
{
    *users = count_distinct(d->user, d->n, d->users.texts.count);
    *items = count_distinct(d->item, d->n, d->items.texts.count);
}

/* Rewrites id (n) to dense numbers; list (ids) gets the old number of each, and
 * of those that never come afterwards.  Returns how many come. */
static int32_t renumber(int32_t *id, int64_t n, int64_t ids, int32_t *list)
{
    int32_t *number = mem_new((size_t)ids, sizeof *number), count = 0, rest;

    for (int64_t i = 0; i < n; i++) {
        if (!number[id[i]]) {
            list[count] = id[i];
            number[id[i]] = ++count;
        }
        id[i] = number[id[i]] - 1;
    }
    rest = count;
    for (int32_t i = 0; i < ids; i++)
        if (!number[i])
            list[rest++] = i;
    free(number);
    return count;
}

struct renumbered dataset_renumber(struct dataset *d, bool keep_items)
{
    int64_t users = d->users.texts.count, items = d->items.texts.count;
    struct renumbered r = {
        .users = mem_new((size_t)users, sizeof *r.users),
        .items = mem_new((size_t)items, sizeof *r.items),
    };

    r.user_count = renumber(d->user, d->n, users, r.users);
    r.item_count = renumber(d->item, d->n, items, r.items);
    if (keep_items)
        r.item_count = (int32_t)items;
    r.dropped_items = (int32_t)items - r.item_count;
    return r;
}

const char *const dataset_repeat_names[] = {
    [REPEATS_ALL] = "all", [REPEATS_FIRST] = "first", [REPEATS_LAST] = "last", NULL
};

int64_t dataset_drop_repeats(struct dataset *d, enum dataset_repeats keep)
{
    int64_t *row = dataset_order(d), n = 0, k;
    int32_t *last = mem_new((size_t)d->items.texts.count, sizeof *last);
    bool *drop = mem_new((size_t)d->n, sizeof *drop);

    for (k = 0; k < d->n && keep != REPEATS_ALL; k++) {
        int64_t i = row[keep == REPEATS_LAST ? d->n - 1 - k : k];

        drop[i] = last[d->item[i]] == d->user[i] + 1;
        last[d->item[i]] = d->user[i] + 1;
    }
    for (int64_t i = 0; i < d->n; i++)
        if (!drop[i])
            dataset_move_row(d, n++, i);
    free(row);
    free(last);
    free(drop);
    k = d->n - n;
    d->n = n;
    return k;
}

int64_t dataset_repeats(const struct dataset *d)
{
    int32_t *last = mem_new((size_t)d->items.texts.count, sizeof *last);
    int64_t repeats = 0;

    for (int64_t i = 0; i < d->n; i++) {
        repeats += last[d->item[i]] == d->user[i] + 1;
        last[d->item[i]] = d->user[i] + 1;
    }
    free(last);
    return repeats;
}
