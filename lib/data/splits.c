#include "data/splits.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

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
    c->same_time += valid >= 0 && test >= 0 && time[valid] == time[test];
}

struct split_counts split_count(const struct history *h, const int64_t *time,
                                const uint8_t *split)
{
    struct split_counts c = { 0 };

    for (int u = 0; u < h->users; u++)
        count_user(&c, time, split, h->first[u], h->first[u + 1]);
    return c;
}
