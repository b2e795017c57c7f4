#include "data/holdouts.h"

#include "history/sample.h"
#include "util/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_ROWS 3 /* where one of them is for validation */

/* Marks a sample of n of list (count): flags (ids), 1 for those. */
static uint8_t *mark_sample(const char *purpose, int32_t *list, int count, int n,
                            uint64_t seed, int ids)
{
    uint8_t *flag = mem_new((size_t)ids, sizeof *flag);

    n = sample_ids(purpose, list, count, n, seed);
    for (int i = 0; i < n; i++)
        flag[list[i]] = 1;
    return flag;
}

/* Training; the last one for validation where there are enough.  Rows marked unused stay
 * as they are. */
static void train_on(const struct history *h, int user, uint8_t *split)
{
    int64_t n = 0, last = -1;

    for (int64_t i = h->first[user]; i < h->first[user + 1]; i++)
        if (split[i] != SPLIT_UNUSED) {
            split[i] = SPLIT_TRAIN;
            last = i;
            n++;
        }
    if (n >= LEAST_ROWS)
        split[last] = SPLIT_VALID;
}

/* Marks the last `hold` rows of held-out items that follow another item's; any there? */
static bool test_on_cold(const struct history *h, int user, const uint8_t *held, int hold,
                         uint8_t *split)
{
    int64_t known = h->first[user], end = h->first[user + 1];
    int marked = 0;

    while (known < end && held[h->item[known]])
        known++;
    for (int64_t i = end - 1; i > known && marked < hold; i--)
        if (held[h->item[i]]) {
            split[i] = SPLIT_TEST;
            marked++;
        }
    return marked > 0;
}

struct holdout holdout_items(const struct history *h, int n, int hold, uint64_t seed,
                             uint8_t *split)
{
    int32_t *list = mem_new((size_t)h->items, sizeof *list);
    uint8_t *held = mem_new((size_t)h->items, sizeof *held);
    struct holdout out = { .held = n };

    for (int64_t i = 0; i < h->n; i++)
        held[h->item[i]] = 1;
    for (int i = 0; i < h->items; i++)
        if (held[i])
            list[out.of++] = i;
    free(held);
    if (n >= out.of) {
        free(list);
        out.held = 0;
        return out;
    }
    held = mark_sample("data-split items", list, out.of, n, seed, h->items);
    for (int64_t i = 0; i < h->n; i++)
        split[i] = held[h->item[i]] ? SPLIT_UNUSED : SPLIT_TRAIN;
    for (int u = 0; u < h->users; u++) {
        train_on(h, u, split);
        out.tested += test_on_cold(h, u, held, hold, split);
    }
    for (int64_t i = 0; i < h->n; i++)
        out.unused += split[i] == SPLIT_UNUSED;
    free(held);
    free(list);
    return out;
}

/* A held-out user, who is known by what comes before the target. */
static int64_t hold_user(const struct history *h, int user, int length, uint8_t *split)
{
    int64_t target = h->first[user] + length - 1, end = h->first[user + 1];

    for (int64_t i = h->first[user]; i < end; i++)
        split[i] = i < target    ? SPLIT_HISTORY
                   : i == target ? SPLIT_TEST
                                 : SPLIT_UNUSED;
    return end - target - 1;
}

struct holdout holdout_users(const struct history *h, int length, int n, uint64_t seed,
                             uint8_t *split)
{
    int32_t *list = mem_new((size_t)h->users, sizeof *list);
    struct holdout out = { 0 };
    uint8_t *held;

    for (int u = 0; u < h->users; u++) {
        int64_t rows = h->first[u + 1] - h->first[u];

        if (n > 0 ? rows >= length : rows == length)
            list[out.of++] = u;
    }
    out.held = n > out.of ? 0 : n > 0 ? n : out.of;
    if (out.held == 0) {
        free(list);
        return out;
    }
    out.tested = out.held;
    held = mark_sample("data-split users", list, out.of, out.held, seed, h->users);
    memset(split, SPLIT_TRAIN, (size_t)h->n);
    for (int u = 0; u < h->users; u++)
        if (held[u])
            out.unused += hold_user(h, u, length, split);
        else
            train_on(h, u, split);
    free(held);
    free(list);
    return out;
}

struct holdout holdout_few_shot(const struct history *h, int n, uint64_t seed,
                                uint8_t *split)
{
    int32_t *list = mem_new((size_t)h->users, sizeof *list);
    struct holdout out = { .held = n };
    uint8_t *trains;

    for (int u = 0; u < h->users; u++)
        if (h->first[u + 1] > h->first[u] && split[h->first[u + 1] - 1] == SPLIT_TEST)
            list[out.of++] = u;
    out.tested = out.of;
    if (n > out.of) {
        free(list);
        out.held = 0;
        return out;
    }
    trains = mark_sample("data-split few", list, out.of, n, seed, h->users);
    for (int u = 0; u < h->users; u++)
        for (int64_t i = h->first[u]; i < h->first[u + 1]; i++)
            if (!trains[u] && split[i] != SPLIT_TEST)
                split[i] = SPLIT_HISTORY;
    free(trains);
    free(list);
    return out;
}
