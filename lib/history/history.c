#include "history/history.h"

#include "util/mem.h"
#include "util/rng.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char *const split_names[] = {
    [SPLIT_TRAIN] = "train", [SPLIT_VALID] = "valid", [SPLIT_TEST] = "test",
    [SPLIT_NEXT] = "next", [SPLIT_NEXT + 1] = NULL,
};

const char *const split_vectors[] = {
    [SPLIT_TRAIN] = "user.cf.train", [SPLIT_VALID] = "user.cf.valid",
    [SPLIT_TEST] = "user.cf.test", [SPLIT_NEXT] = "user.cf.next", [SPLIT_NEXT + 1] = NULL,
};

static int check_row(const int32_t *user, const int32_t *item, const int64_t *time,
                     const uint8_t *split, int64_t i, int users, int items,
                     struct error *e)
{
    if (user[i] < 0 || user[i] >= users)
        return fail(e, "inter.user: row %" PRId64 ": user %" PRId32 ", expected 0 to %d",
                    i, user[i], users - 1);
    if (item[i] < 0 || item[i] >= items)
        return fail(e, "inter.item: row %" PRId64 ": item %" PRId32 ", expected 0 to %d",
                    i, item[i], items - 1);
    if (split && split[i] >= SPLIT_VALUES)
        return fail(e, "inter.split: row %" PRId64 ": split %d, expected 0 to %d", i,
                    split[i], SPLIT_VALUES - 1);
    if (i == 0)
        return 0;
    if (user[i] < user[i - 1])
        return fail(e,
                    "inter.user: row %" PRId64 ": user %" PRId32 " after %" PRId32
                    ", expected rows sorted by user",
                    i, user[i], user[i - 1]);
    if (time && user[i] == user[i - 1] && time[i] < time[i - 1])
        return fail(e,
                    "inter.time: row %" PRId64 ": time %" PRId64 " after %" PRId64
                    ", expected each user's rows sorted by time",
                    i, time[i], time[i - 1]);
    return 0;
}

int history_new(struct history *h, const int32_t *user, const int32_t *item,
                const int64_t *time, const uint8_t *split, int64_t n, int users,
                int items, struct error *e)
{
    *h = (struct history){ .item = item, .split = split, .n = n, .users = users,
                           .items = items };
    for (int64_t i = 0; i < n; i++)
        if (check_row(user, item, time, split, i, users, items, e) != 0)
            return -1;
    h->first = mem_new((size_t)users + 1, sizeof *h->first);
    for (int64_t i = 0; i < n; i++)
        h->first[user[i] + 1]++;
    for (int u = 0; u < users; u++)
        h->first[u + 1] += h->first[u];
    return 0;
}

void history_free(struct history *h)
{
    free(h->first);
    *h = (struct history){ 0 };
}

/* May one who predicts an item of `split` know an earlier one of `row`? */
static bool may_see(enum split split, uint8_t row)
{
    return row == SPLIT_HISTORY ? split != SPLIT_TRAIN : row <= split;
}

int history_window(const struct history *h, int user, int64_t end, enum split split,
                   int room, int32_t *window)
{
    int n = 0;

    for (int64_t i = end; i > h->first[user] && n < room; i--)
        if (may_see(split, h->split[i - 1]))
            window[room - ++n] = h->item[i - 1];
    memmove(window, window + room - n, (size_t)n * sizeof *window);
    if (h->shuffle && split != SPLIT_TRAIN) {
        rng r = rng_keyed("shuffled history", *h->shuffle, 0, (uint64_t)user);

        rng_shuffle(&r, window, n);
    }
    return n;
}

int64_t history_target(const struct history *h, int user, enum split split)
{
    int64_t found = -1;

    for (int64_t i = h->first[user]; i < h->first[user + 1]; i++) {
        if (h->split[i] != split)
            continue;
        found = i;
        if (split != SPLIT_TRAIN)
            break;
    }
    return found;
}

static int by_number(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

int64_t history_items(const struct history *h, int user, int split, int32_t *item)
{
    int64_t n = h->first[user + 1] - h->first[user], kept = 0;
    int64_t target =
        split == SPLIT_NEXT ? -1 : history_target(h, user, (enum split)split);

    if (n > 0)
        memcpy(item, h->item + h->first[user], (size_t)n * sizeof *item);
    qsort(item, (size_t)n, sizeof *item, by_number);
    for (int64_t i = 0; i < n; i++)
        if ((i == 0 || item[i] != item[i - 1]) &&
            (target < 0 || item[i] != h->item[target]))
            item[kept++] = item[i];
    return kept;
}

int64_t history_training_rows(const struct history *h, int user)
{
    int64_t n = 0;

    for (int64_t i = h->first[user]; i < h->first[user + 1]; i++)
        n += h->split[i] == SPLIT_TRAIN;
    return n;
}

int64_t history_training_list(const struct history *h, int user, int64_t *rows)
{
    int64_t n = 0;

    for (int64_t i = h->first[user]; i < h->first[user + 1]; i++)
        if (h->split[i] == SPLIT_TRAIN)
            rows[n++] = i;
    return n;
}

int64_t *history_popularity(const struct history *h)
{
    int64_t *count = mem_new((size_t)h->items, sizeof *count);

    for (int64_t i = 0; i < h->n; i++)
        if (h->split[i] == SPLIT_TRAIN)
            count[h->item[i]]++;
    return count;
}
