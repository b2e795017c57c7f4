#include "score/candidate_top.h"

#include "cand/candidate_rows.h"
#include "history/lookup.h"
#include "history/user_list.h"
#include "score/catalogue.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/rng.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void candidate_top_keep(struct filter *f, const struct candidate_top *t,
                        int split)
{
    char *old = mem_format("cand.%s.*", split_names[split]);

    if (t->model != BY_POP)
        item_scorer_keep(f, t->model);
    item_scorer_keep_users(f, t->model, split_vectors[split]);
    filter_replace(f, old);
    free(old);
    if (t->with.count > 0)
        filter_keep(f, "item.title");
}

/* Everybody, a sample, or the users named. */
static void choose_users(struct candidate_rows *c, const struct candidate_top *t,
                         struct filter *f, const struct history *h, int split,
                         uint64_t seed)
{
    const struct texts *names = filter_texts(f, "user.id", "data-import");
    struct error e;

    if (t->ids) {
        c->rows = user_list_parse(&c->user, names, t->ids, "ids");
        return;
    }
    if (t->ids_from) {
        c->rows = user_list_read(&c->user, names, t->ids_from, &e);
        if (c->rows < 0)
            die("%s", e.text);
        return;
    }
    candidate_rows_users(c, h, split, t->users, seed);
}

/* The items of --with; free with free(). */
static int32_t *with_items(const struct candidate_top *t, struct filter *f)
{
    const struct texts *titles =
        filter_has(f, "item.title") ? filter_texts(f, "item.title", "data-import") : NULL;
    const struct texts *ids = filter_texts(f, "item.id", "data-import");

    if (titles && titles->count != ids->count)
        die("'item.title' has %lld rows, but 'item.id' %lld", (long long)titles->count,
            (long long)ids->count);
    return lookup_items(ids, titles, &t->with, "with");
}

/* Rows of users of whom m knows nothing get the most popular unseen items, counted from
 * what f kept of inter.*; says how many there are. */
static void fill(struct candidate_rows *c, struct filter *f, const struct item_scorer *m,
                 const struct history *h, int split)
{
    int32_t *user = mem_new((size_t)c->rows, sizeof *user), *item;
    size_t row = (size_t)c->columns * sizeof *item;
    struct item_scorer pop;
    int count = 0, at = 0;

    for (int i = 0; i < c->rows; i++)
        if (!item_scorer_knows(m, c->user[i]))
            user[count++] = c->user[i];
    if (count > 0) {
        item = mem_new((size_t)count, row);
        item_scorer_load(&pop, f, BY_POP);
        catalogue_top(item, c->columns, &pop, h, split, user, count);
        for (int i = 0; i < c->rows && at < count; i++)
            if (c->user[i] == user[at])
                memcpy(c->item + (int64_t)i * c->columns,
                       item + (int64_t)at++ * c->columns, row);
        say("%s: %d users have no vector: the most popular items instead", c->split,
            count);
        item_scorer_free(&pop);
        free(item);
    }
    free(user);
}

static bool has_had(const struct history *h, int user, int32_t item)
{
    for (int64_t i = h->first[user]; i < h->first[user + 1]; i++)
        if (h->item[i] == item)
            return true;
    return false;
}

/* Adds the item behind the last of the row (columns), unless it is there. */
static void add_item(int32_t *row, int columns, int32_t item)
{
    int at = 0;

    while (at < columns && row[at] >= 0 && row[at] != item)
        at++;
    if (at < columns)
        row[at] = item;
}

/* Makes room for n more items, and adds those that a row does not have and its user has
 * not had, in their order behind the others. */
static void add_items(struct candidate_rows *c, const struct history *h,
                      const int32_t *item, int n)
{
    int columns = c->columns + n;
    int32_t *wider = mem_new((size_t)c->rows * (size_t)columns, sizeof *wider);

    for (int i = 0; i < c->rows; i++) {
        int32_t *row = wider + (int64_t)i * columns;

        for (int j = 0; j < columns; j++)
            row[j] = j < c->columns ? c->item[(int64_t)i * c->columns + j] : -1;
        for (int j = 0; j < n; j++)
            if (!has_had(h, c->user[i], item[j]))
                add_item(row, columns, item[j]);
    }
    free(c->item);
    c->item = wider;
    c->columns = columns;
}

/* Nothing of the order of scores is left in the rows. */
static void shuffle(struct candidate_rows *c, uint64_t seed)
{
    for (int i = 0; i < c->rows; i++) {
        rng r = rng_keyed("cand-sample top", seed, 0, (uint64_t)c->user[i]);
        int32_t *row = c->item + (int64_t)i * c->columns;
        int count = 0;

        while (count < c->columns && row[count] >= 0)
            count++;
        rng_shuffle(&r, row, count);
    }
}

void candidate_top_put(const struct candidate_top *t, struct filter *f,
                       const struct history *h, int split, uint64_t seed)
{
    struct candidate_rows c = { .split = split_names[split], .sampler = t->sampler,
                                .number = (int)t->number };
    int32_t *item = with_items(t, f);
    struct item_scorer m;

    c.columns = candidate_rows_bound(&c, c.number, h->items);
    choose_users(&c, t, f, h, split, seed);
    item_scorer_load(&m, f, t->model);
    item_scorer_users(&m, f, split_vectors[split]);
    item_scorer_check_sizes(&m, h->items, h->users);
    c.item = mem_new((size_t)c.rows * (size_t)c.columns, sizeof *c.item);
    catalogue_top(c.item, c.columns, &m, h, split, c.user, c.rows);
    fill(&c, f, &m, h, split);
    add_items(&c, h, item, t->with.count);
    if (split != SPLIT_NEXT)
        shuffle(&c, seed);
    candidate_rows_say(&c);
    candidate_rows_put(&c, f, seed);
    candidate_rows_free(&c);
    item_scorer_free(&m);
    free(item);
}
