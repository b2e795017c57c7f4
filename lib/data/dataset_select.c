/* What is done to a data set once it is read: filters, numbers, order. */
#include "data/dataset.h"
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

struct sort_key {
    int64_t time, row;
    uint64_t fraction;
};

static bool later(const struct sort_key *x, const struct sort_key *y)
{
    return x->time != y->time ? x->time > y->time : x->fraction > y->fraction;
}

enum { RUN = 8 }; /* keys that are sorted by insertion */

/* Merge sort of key (n), which keeps the order of equal times, with room for n more
 * behind them; a comparison that the compiler sees makes it thrice as fast as qsort. */
static void sort_keys(struct sort_key *key, int64_t n)
{
    struct sort_key *from = key, *to = key + n, *swap;

    for (int64_t i = 0; i < n; i++) {
        struct sort_key k = key[i];
        int64_t j = i;

        for (; j % RUN != 0 && later(&key[j - 1], &k); j--)
            key[j] = key[j - 1];
        key[j] = k;
    }
    for (int64_t run = RUN; run < n; run *= 2) {
        for (int64_t begin = 0; begin < n; begin += 2 * run) {
            int64_t middle = begin + run < n ? begin + run : n, a = begin, b = middle;
            int64_t end = middle + run < n ? middle + run : n;

            for (int64_t i = begin; i < end; i++)
                to[i] = b == end || (a < middle && !later(&from[a], &from[b])) ? from[a++]
                                                                             : from[b++];
        }
        swap = from;
        from = to;
        to = swap;
    }
    if (from != key)
        memcpy(key, from, (size_t)n * sizeof *key);
}

/* first[u] .. first[u + 1] - 1 (users + 1 of them) will be the rows of user u. */
static int64_t *first_rows(const struct dataset *d, int64_t users)
{
    int64_t *first = mem_new((size_t)users + 1, sizeof *first);

    for (int64_t i = 0; i < d->n; i++)
        first[d->user[i] + 1]++;
    for (int64_t u = 0; u < users; u++)
        first[u + 1] += first[u];
    return first;
}

/* Puts one user's rows (n) in order; most of the time they are. */
static void order_rows(const struct dataset *d, int64_t *row, int64_t n,
                       struct sort_key **key, int64_t *room)
{
    bool sorted = true;

    if (2 * n > *room)
        *key = mem_resize(*key, (size_t)(*room = 4 * n), sizeof **key);
    for (int64_t i = 0; i < n; i++) {
        (*key)[i] = (struct sort_key){ d->time[row[i]], row[i],
                                       d->fraction ? d->fraction[row[i]] : 0 };
        sorted = sorted && (i == 0 || !later(&(*key)[i - 1], &(*key)[i]));
    }
    if (sorted)
        return;
    sort_keys(*key, n);
    for (int64_t i = 0; i < n; i++)
        row[i] = (*key)[i].row;
}

/* The rows in the order of users, then times, ties by file order; the caller frees. */
static int64_t *sorted_rows(const struct dataset *d)
{
    int64_t users = d->users.texts.count, *first = first_rows(d, users), room = 0;
    int64_t *row = mem_new((size_t)d->n, sizeof *row);
    struct sort_key *key = NULL;

    for (int64_t i = 0; i < d->n; i++)
        row[first[d->user[i]]++] = i;
    for (int64_t u = 0; u < users; u++) {
        int64_t begin = u > 0 ? first[u - 1] : 0; /* first[u] is now where u ends */

        order_rows(d, row + begin, first[u] - begin, &key, &room);
    }
    free(key);
    free(first);
    return row;
}

/* Puts column (n elements of size bytes) into the order of row. */
static void *reorder(void *column, size_t size, const int64_t *row, int64_t n)
{
    char *sorted = mem_new((size_t)n, size);

    for (int64_t i = 0; i < n; i++) {
        const char *from = (char *)column + (size_t)row[i] * size;

        if (size == 8)
            memcpy(sorted + i * 8, from, 8);
        else
            memcpy(sorted + (size_t)i * size, from, size);
    }
    free(column);
    return sorted;
}

void dataset_sort(struct dataset *d)
{
    int64_t *row = sorted_rows(d);

    free(d->fraction); /* its order is kept in row */
    d->fraction = NULL;
    d->user = reorder(d->user, sizeof *d->user, row, d->n);
    d->item = reorder(d->item, sizeof *d->item, row, d->n);
    d->time = reorder(d->time, sizeof *d->time, row, d->n);
    if (d->rating)
        d->rating = reorder(d->rating, sizeof *d->rating, row, d->n);
    free(row);
}

const char *const dataset_repeat_names[] = {
    [REPEATS_ALL] = "all", [REPEATS_FIRST] = "first", [REPEATS_LAST] = "last", NULL
};

int64_t dataset_drop_repeats(struct dataset *d, enum dataset_repeats keep)
{
    int64_t *row = sorted_rows(d), n = 0, k;
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
