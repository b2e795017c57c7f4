#include "data/splits.h"

#include "util/error.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LEAST_ROWS 2 /* beside test: one for each of the other splits */

void split_leave_one_out(const struct history *h, uint8_t *split)
{
    split_leave_out(h, 1, split);
}

void split_leave_out(const struct history *h, int hold, uint8_t *split)
{
    memset(split, SPLIT_TRAIN, (size_t)h->n);
    for (int u = 0; u < h->users; u++) {
        int64_t end = h->first[u + 1];

        if (end - h->first[u] < hold + LEAST_ROWS)
            continue;
        memset(split + end - hold, SPLIT_TEST, (size_t)hold);
        split[end - hold - 1] = SPLIT_VALID;
    }
}

static int by_time(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* The time after which the last count of sorted (n) come; INT64_MAX for none. */
static int64_t cut_at(const int64_t *sorted, int64_t n, int64_t count)
{
    return count <= 0 ? INT64_MAX : count >= n ? INT64_MIN : sorted[n - count - 1];
}

void split_by_time(const int64_t *time, int64_t n, double valid_share, double test_share,
                   uint8_t *split)
{
    int64_t *sorted = mem_new((size_t)n, sizeof *sorted), valid_after, test_after;

    memcpy(sorted, time, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, by_time);
    test_after = cut_at(sorted, n, (int64_t)(test_share * (double)n + 0.5));
    valid_after =
        cut_at(sorted, n, (int64_t)((valid_share + test_share) * (double)n + 0.5));
    for (int64_t i = 0; i < n; i++)
        split[i] = time[i] > test_after    ? SPLIT_TEST
                   : time[i] > valid_after ? SPLIT_VALID
                                           : SPLIT_TRAIN;
    free(sorted);
}

static void count_user(struct split_counts *c, const int64_t *time, const uint8_t *split,
                       int64_t begin, int64_t end)
{
    int64_t rows[SPLIT_VALUES] = { 0 }, valid = -1, test = -1;

    for (int64_t i = begin; i < end; i++) {
        rows[split[i]]++;
        if (split[i] == SPLIT_VALID)
            valid = i;
        if (split[i] == SPLIT_TEST && test < 0)
            test = i;
    }
    for (int s = 0; s < SPLIT_VALUES; s++)
        c->rows[s] += rows[s];
    c->training_only += rows[SPLIT_TRAIN] > 0 && valid < 0 && test < 0;
    c->same_time += time && valid >= 0 && test >= 0 && time[valid] == time[test];
}

struct split_counts split_count(const struct history *h, const int64_t *time,
                                const uint8_t *split)
{
    struct split_counts c = { 0 };

    for (int u = 0; u < h->users; u++)
        count_user(&c, time, split, h->first[u], h->first[u + 1]);
    return c;
}

/* What times count, for people. */
static const char *time_word(const char *unit)
{
    static const char *const words[][2] = { { "ms", "millisecond" },
                                            { "us", "microsecond" },
                                            { "ns", "nanosecond" } };

    for (size_t i = 0; unit && i < sizeof words / sizeof *words; i++)
        if (strcmp(unit, words[i][0]) == 0)
            return words[i][1];
    return unit ? "time" : "second";
}

void split_say(const struct history *h, const int64_t *time, const uint8_t *split,
               const char *unit)
{
    struct split_counts c = split_count(h, time, split);

    say("%" PRId64 " training, %" PRId64 " validation, %" PRId64 " test interactions",
        c.rows[SPLIT_TRAIN], c.rows[SPLIT_VALID], c.rows[SPLIT_TEST]);
    if (c.rows[SPLIT_HISTORY] + c.rows[SPLIT_UNUSED] > 0)
        say("%" PRId64 " history only, %" PRId64 " unused", c.rows[SPLIT_HISTORY],
            c.rows[SPLIT_UNUSED]);
    if (c.training_only > 0)
        say("%d of %d users train only", c.training_only, h->users);
    if (c.same_time > 0)
        say("%d of %d users have validation and test at the same %s: their order is "
            "the file's",
            c.same_time, h->users, time_word(unit));
    if (c.rows[SPLIT_TRAIN] == 0)
        warn("no interaction is for training");
    if (c.rows[SPLIT_TEST] == 0)
        warn("no interaction is for test");
}

/* How many users of a given split are tested in which way. */
struct given {
    int tested, several, followed, untrained;
};

static void look_at_user(struct given *g, const uint8_t *split, int64_t begin,
                         int64_t end)
{
    int64_t rows[SPLIT_VALUES] = { 0 }, behind = 0; /* training, behind a test item */

    for (int64_t i = begin; i < end; i++) {
        rows[split[i]]++;
        behind += split[i] == SPLIT_TRAIN && rows[SPLIT_TEST] > 0;
    }
    if (rows[SPLIT_TEST] == 0)
        return;
    g->tested++;
    g->several += rows[SPLIT_TEST] > 1;
    g->followed += behind > 0;
    g->untrained += rows[SPLIT_TRAIN] == 0;
}

void split_say_given(const struct history *h, const uint8_t *split)
{
    struct given g = { 0 };

    for (int u = 0; u < h->users; u++)
        look_at_user(&g, split, h->first[u], h->first[u + 1]);
    if (g.several > 0)
        say("%d of %d tested users have several test items: the first one is asked for "
            "(cand-sample --target-from all-heldout: all)",
            g.several, g.tested);
    if (g.followed > 0)
        say("%d of %d tested users have training items after their first test item: "
            "models train on these, but no history of that item holds them",
            g.followed, g.tested);
    if (g.untrained > 0)
        say("%d of %d tested users have no training item", g.untrained, g.tested);
}

const struct split_word split_words[] = {
    { "train", SPLIT_TRAIN }, { "valid", SPLIT_VALID }, { "validation", SPLIT_VALID },
    { "val", SPLIT_VALID },   { "dev", SPLIT_VALID },   { "test", SPLIT_TEST },
    { NULL, SPLIT_TRAIN },
};

int split_of_word(const char *word, size_t length)
{
    for (const struct split_word *w = split_words; w->word; w++)
        if (strlen(w->word) == length && strncasecmp(w->word, word, length) == 0)
            return (int)w->split;
    return -1;
}
