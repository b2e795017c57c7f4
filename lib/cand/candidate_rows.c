#include "cand/candidate_rows.h"

#include "cand/candidates.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void candidate_rows_users(struct candidate_rows *c, const struct history *h, int split,
                          long users, uint64_t seed)
{
    c->user = mem_new((size_t)h->users, sizeof *c->user);
    for (int u = 0; u < h->users; u++)
        if (split == SPLIT_NEXT || history_target(h, u, (enum split)split) >= 0)
            c->user[c->rows++] = u;
    if (c->rows == 0)
        die("no user has an interaction in the %s split", c->split);
    if (users > c->rows && split == SPLIT_NEXT)
        die("--users %ld: there are only %d", users, c->rows);
    if (users > c->rows)
        die("--users %ld: there are only %d in the %s split", users, c->rows, c->split);
    if (users > 0)
        c->rows = candidates_sample_users(c->user, c->rows, (int)users, seed);
}

void candidate_rows_sample(struct candidate_rows *c, int n, uint64_t seed)
{
    int32_t *list = mem_new((size_t)c->rows, sizeof *list);
    size_t row = (size_t)c->columns * sizeof *c->item;
    int kept = 0;

    memcpy(list, c->user, (size_t)c->rows * sizeof *list);
    candidates_sample_users(list, c->rows, n, seed);
    for (int i = 0; i < c->rows && kept < n; i++)
        if (c->user[i] == list[kept]) {
            c->user[kept] = c->user[i];
            memmove(c->item + (int64_t)kept * c->columns,
                    c->item + (int64_t)i * c->columns, row);
            kept++;
        }
    c->rows = kept;
    free(list);
}

int candidate_rows_bound(const struct candidate_rows *c, int64_t wanted, int items)
{
    if (wanted > items)
        say("%s: rows of %d, not %" PRId64 ": the catalogue has no more items", c->split,
            items, wanted);
    return wanted > items ? items : (int)wanted;
}

void candidate_rows_say(const struct candidate_rows *c)
{
    int padded = 0, users = 0;

    for (int i = 0; i < c->rows; i++)
        users += i == 0 || c->user[i] != c->user[i - 1];
    for (int i = 0; c->item && i < c->rows; i++)
        padded += c->item[(int64_t)(i + 1) * c->columns - 1] < 0;
    if (users < c->rows)
        say("%s: %d items of %d users, %d candidates each (%s)", c->split, c->rows, users,
            c->columns, c->sampler);
    else
        say("%s: %d users, %d candidates each (%s)", c->split, c->rows, c->columns,
            c->sampler);
    if (padded > 0)
        say("%s: %d users have fewer, padded with -1", c->split, padded);
}

void candidate_rows_put(const struct candidate_rows *c, struct filter *f, uint64_t seed)
{
    char *names[] = { mem_format("cand.%s.user", c->split),
                      mem_format("cand.%s.item", c->split) };
    struct tensor user = tensor_view1(DT_I4, c->rows, c->user);
    struct tensor item = tensor_view2(DT_I4, c->rows, c->columns, c->item);
    char number[32], seeds[32];
    const struct attr attrs[] = { { "split", c->split },
                                  { "sampler", c->sampler },
                                  { "number", number },
                                  { "seed", seeds },
                                  { NULL, NULL } };
    const struct series_out group[] = { { names[0], .tensor = &user, .attrs = attrs },
                                        { names[1], .tensor = &item, .attrs = attrs } };

    snprintf(number, sizeof number, "%d", c->number);
    snprintf(seeds, sizeof seeds, "%" PRIu64, seed);
    filter_put_group(f, group, c->item ? 2 : 1);
    free(names[0]);
    free(names[1]);
}

void candidate_rows_free(struct candidate_rows *c)
{
    free(c->user);
    free(c->item);
}
