#include "project/project_trainer_parts.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

static struct example example_at(const struct project_trainer *t, int64_t row, int user,
                                 const struct tensor *vectors, int64_t vector_row)
{
    return (struct example){
        .user = user,
        .target = t->data->history.item[row],
        .row = row,
        .x = vectors ? stage2_user_vector(t->data, vectors, vector_row, user) : NULL,
    };
}

static bool usable(const struct project_trainer *t, const struct example *x)
{
    return x->x || !stage2_takes_users(&t->data->stage2);
}

static bool add_example(struct project_trainer *t, struct example x)
{
    if (!usable(t, &x))
        return false;
    t->examples[t->count++] = x;
    return true;
}

/* A random one of rows (n) that has a vector, if any. */
static void add_random(struct project_trainer *t, int user, const int64_t *rows,
                       int64_t n, int64_t epoch)
{
    rng r = rng_keyed("project-train target", t->o.seed, (uint64_t)epoch, (uint64_t)user);
    int64_t from = (int64_t)rng_below(&r, (uint64_t)n);

    for (int64_t i = 0; i < n; i++) {
        int64_t row = rows[(from + i) % n];

        if (add_example(t, example_at(t, row, user, t->vectors.inter_cf, row)))
            return;
    }
}

/* The examples of a user in an epoch; the first item has nothing before it.  rows has
 * room for the user's. */
static void add_user(struct project_trainer *t, int user, int64_t epoch, int64_t *rows)
{
    int64_t n = history_training_list(&t->data->history, user, rows);

    if (n < 2)
        return;
    if (t->o.targets == TARGETS_LAST)
        add_example(t, example_at(t, rows[n - 1], user, t->vectors.user_train, user));
    else if (t->o.targets == TARGETS_RANDOM)
        add_random(t, user, rows + 1, n - 1, epoch);
    else
        for (int64_t i = 1; i < n; i++)
            add_example(t, example_at(t, rows[i], user, t->vectors.inter_cf, rows[i]));
}

void project_make_epoch(struct project_trainer *t, int64_t epoch)
{
    const struct history *h = &t->data->history;
    int64_t *rows = mem_new((size_t)h->n, sizeof *rows);
    struct example *drawn;
    int *order;
    rng r = rng_keyed("project-train order", t->o.seed, (uint64_t)epoch, 0);

    t->epoch = epoch;
    t->count = 0;
    for (int u = 0; u < h->users; u++)
        add_user(t, u, epoch, rows);
    free(rows);
    drawn = mem_new((size_t)t->count, sizeof *drawn);
    order = mem_new((size_t)t->count, sizeof *order);
    memcpy(drawn, t->examples, (size_t)t->count * sizeof *drawn);
    for (long i = 0; i < t->count; i++)
        order[i] = (int)i;
    rng_shuffle(&r, order, t->count);
    for (long i = 0; i < t->count; i++)
        t->examples[i] = drawn[order[i]];
    free(drawn);
    free(order);
}

void project_make_valid(struct project_trainer *t)
{
    const struct history *h = &t->data->history;
    int *users = mem_new((size_t)h->users, sizeof *users);
    rng r = rng_keyed("project-train valid", t->o.seed, 0, 0);

    for (int u = 0; u < h->users; u++)
        users[u] = u;
    rng_shuffle(&r, users, h->users);
    t->valid = mem_new((size_t)h->users, sizeof *t->valid);
    for (int i = 0; i < h->users && t->valid_count < t->o.valid_users; i++) {
        int64_t row = history_target(h, users[i], SPLIT_VALID);
        struct example x;

        if (row < 0)
            continue;
        x = example_at(t, row, users[i], t->vectors.user_valid, users[i]);
        if (usable(t, &x))
            t->valid[t->valid_count++] = x;
    }
    free(users);
}

uint64_t project_mix_key(const struct project_trainer *t, int64_t step, long list)
{
    rng r = rng_keyed("project-train mix", t->o.seed, (uint64_t)step, (uint64_t)list);

    return rng_next(&r);
}

static long list_size(const struct project_trainer *t)
{
    return template_shared_lines(&t->data->template) > 0 ? t->o.share : 1;
}

long project_trainer_lists(const struct project_trainer *t)
{
    long count = t->count < t->o.batch ? t->count : t->o.batch;

    return (count + list_size(t) - 1) / list_size(t);
}

int project_draw_slates(const struct project_trainer *t, struct slate *lists,
                        const struct example *examples, long count, int candidates,
                        const char *purpose, int64_t step)
{
    long size = list_size(t);
    int n = 0;

    for (long i = 0; i < count; i += size) {
        rng r = rng_keyed(purpose, t->o.seed, (uint64_t)step, (uint64_t)i);

        slate_draw(&lists[n], examples + i, (int)(count - i < size ? count - i : size),
                   &t->data->history, candidates, &r);
        lists[n++].mix = project_mix_key(t, step, i);
    }
    return n;
}
