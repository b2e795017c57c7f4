#include "score/seen_test.h"

#include "history/history_read.h"
#include "history/sample.h"
#include "score/catalogue.h"
#include "util/error.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>

void seen_test_keep(struct filter *f)
{
    history_read_keep_bare(f);
    filter_keep(f, split_vectors[SPLIT_TRAIN]);
}

/* The users that are looked at, those with a training and a test item; and how training
 * counts rank. */
struct looked {
    const struct history *h;
    struct item_scorer pop;
    int32_t *user;
    int users;
};

/* What the places of items of one split are worth. */
struct worth {
    double bits, hits, pop_hits; /* means; hr@10 by the vectors and by popularity */
};

/* (rows, RANK_COLUMNS), to free. */
static int32_t *places(const struct item_scorer *m, const struct looked *l,
                       enum split split)
{
    int32_t *place = mem_new((size_t)l->users * RANK_COLUMNS, sizeof *place);

    catalogue_rank(place, m, l->h, split, l->user, l->users);
    return place;
}

/* Items above it, ties counted by their mean. */
static double place_of(const int32_t *place)
{
    return place[RANK_ABOVE] + (place[RANK_TIED] - 1) / 2.0;
}

/* By m with the users' vectors of that name. */
static struct worth worth_of(const struct item_scorer *m, struct filter *f,
                             const struct looked *l, enum split split,
                             const char *vectors)
{
    struct item_scorer own = *m;
    struct worth w = { 0 };
    int32_t *place, *by_pop = places(&l->pop, l, split);
    int known = 0;

    item_scorer_users(&own, f, vectors);
    item_scorer_check_sizes(&own, m->items, l->h->users);
    place = places(&own, l, split);
    for (int i = 0; i < l->users; i++) {
        double here, pop = place_of(by_pop + i * RANK_COLUMNS);

        if (place[i * RANK_COLUMNS + RANK_TIED] == 0)
            continue; /* a user without a vector */
        here = place_of(place + i * RANK_COLUMNS);
        w.bits += log2((pop + 1) / (here + 1));
        w.hits += here < 10;
        w.pop_hits += pop < 10;
        known++;
    }
    free(place);
    free(by_pop);
    if (known < SEEN_USERS)
        return (struct worth){ NAN, NAN, NAN };
    return (struct worth){ w.bits / known, w.hits / known, w.pop_hits / known };
}

static void look(struct looked *l, const struct history *h, const struct item_scorer *m)
{
    int64_t *count = history_popularity(h);

    *l = (struct looked){ .h = h };
    l->pop = (struct item_scorer){ .by = BY_POP, .items = h->items, .users = h->users,
                                   .width = 1 };
    l->pop.owned = mem_new((size_t)h->items, sizeof *l->pop.owned);
    l->pop.item = l->pop.owned;
    for (int i = 0; i < h->items; i++)
        l->pop.owned[i] = (float)count[i];
    free(count);
    l->user = mem_new((size_t)h->users, sizeof *l->user);
    for (int u = 0; u < h->users; u++)
        if (history_target(h, u, SPLIT_TEST) >= 0 && item_scorer_knows(m, u) &&
            history_target(h, u, SPLIT_TRAIN) >= 0)
            l->user[l->users++] = u;
    l->users = sample_ids("seen test items", l->user, l->users, SEEN_USERS_MOST, 1);
}

/* Training rows by their item: those of item i are row[first[i]] ..
 * row[first[i + 1] - 1]; user: of each row. */
struct by_item {
    int64_t *first, *row;
    int32_t *user;
};

static struct by_item by_item_new(const struct history *h)
{
    struct by_item b = { mem_new((size_t)h->items + 2, sizeof *b.first),
                         mem_new((size_t)h->n, sizeof *b.row),
                         mem_new((size_t)h->n, sizeof *b.user) };

    for (int64_t r = 0; r < h->n; r++)
        b.first[h->item[r] + 2] += h->split[r] == SPLIT_TRAIN;
    for (int i = 0; i < h->items; i++)
        b.first[i + 2] += b.first[i + 1];
    for (int u = 0; u < h->users; u++)
        for (int64_t r = h->first[u]; r < h->first[u + 1]; r++) {
            b.user[r] = u;
            if (h->split[r] == SPLIT_TRAIN)
                b.row[b.first[h->item[r] + 1]++] = r;
        }
    return b;
}

static void by_item_free(struct by_item *b)
{
    free(b->first);
    free(b->row);
    free(b->user);
}

/* The user's last items; of each, the users at most. */
enum { TOGETHER_ITEMS = 10, TOGETHER_USERS = 100 };

/* Adds to score (items) what users who have had item j have had too, each 1 over the root
 * of its count. */
static void add_together(float *score, const struct looked *l, const struct by_item *b,
                         int32_t j)
{
    int64_t count = b->first[j + 1] - b->first[j],
            step = 1 + (count - 1) / TOGETHER_USERS;

    for (int64_t k = b->first[j]; k < b->first[j + 1]; k += step) {
        int u = b->user[b->row[k]];

        for (int64_t r = l->h->first[u]; r < l->h->first[u + 1]; r++)
            if (l->h->split[r] == SPLIT_TRAIN)
                score[l->h->item[r]] += 1 / sqrtf(l->pop.item[l->h->item[r]]);
    }
}

/* Is the user's test item among the 10 best of what was seen together with the last items
 * before it?  score (items) and had (as many as the user has rows) are room. */
static bool together_finds(const struct looked *l, const struct by_item *b, int user,
                           float *score, int32_t *had)
{
    const struct history *h = l->h;
    int64_t row = history_target(h, user, SPLIT_TEST), n;
    int32_t window[TOGETHER_ITEMS], above = 0;
    int got = history_window(h, user, row, SPLIT_TEST, TOGETHER_ITEMS, window);

    for (int i = 0; i < h->items; i++)
        score[i] = 0;
    for (int k = 0; k < got; k++)
        add_together(score, l, b, window[k]);
    n = history_items(h, user, SPLIT_TEST, had);
    for (int64_t k = 0; k < n; k++)
        score[had[k]] = -1;
    for (int i = 0; i < h->items; i++)
        above += score[i] > score[h->item[row]];
    return above < 10;
}

/* hr@10 of the test items by what was seen together. */
static double together_hits(const struct looked *l)
{
    struct by_item b = by_item_new(l->h);
    float *score = mem_new((size_t)l->h->items, sizeof *score);
    int32_t *had = mem_new((size_t)l->h->n, sizeof *had);
    int hits = 0;

    for (int i = 0; i < l->users; i++)
        hits += together_finds(l, &b, l->user[i], score, had);
    free(score);
    free(had);
    by_item_free(&b);
    return (double)hits / l->users;
}

static void compare(const struct item_scorer *m, struct filter *f, const struct looked *l)
{
    const char *test_vectors = split_vectors[SPLIT_TEST];
    struct worth test = worth_of(m, f, l, SPLIT_TEST, test_vectors), trained, also;
    double together;

    trained = worth_of(m, f, l, SPLIT_TRAIN, test_vectors);
    if (filter_has(f, split_vectors[SPLIT_TRAIN])) {
        also = worth_of(m, f, l, SPLIT_TRAIN, split_vectors[SPLIT_TRAIN]);
        if (also.bits > trained.bits)
            trained = also;
    }
    if (!(test.bits >= SEEN_SHARE * trained.bits))
        return;
    together = together_hits(l);
    if (test.hits >= SEEN_TIMES * fmax(together, test.pop_hits))
        warn("'item.cf' and 'user.cf.*' seem to have been trained on test items: of %d "
             "users hr@10 in the whole catalogue is %.3f for test items, %.3f for last "
             "training items; what training items were seen together finds %.3f of the "
             "test items, popularity %.3f",
             l->users, test.hits, trained.hits, together, test.pop_hits);
}

void seen_test_warn(const struct item_scorer *m, struct filter *f)
{
    struct history h;
    struct looked l;

    if (m->by != BY_CF || !m->is_dot || filter_attr(f, "item.cf", "weights") ||
        !filter_has(f, "inter.user") || !filter_has(f, "inter.item") ||
        !filter_has(f, "inter.split"))
        return;
    history_read_bare(f, &h, m->users, m->items);
    look(&l, &h, m);
    if (l.users >= SEEN_USERS)
        compare(m, f, &l);
    free(l.user);
    free(l.pop.owned);
    history_free(&h);
}
