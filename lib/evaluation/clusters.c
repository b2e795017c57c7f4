#include "evaluation/clusters.h"

#include "util/escape.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 1 + the largest of id (n). */
static int64_t bound(const int32_t *id, int64_t n)
{
    int64_t most = 0;

    for (int64_t i = 0; i < n; i++)
        most = id[i] >= most ? (int64_t)id[i] + 1 : most;
    return most;
}

double clusters_shared(const struct evaluation *v, int g, int64_t *different)
{
    int64_t items, *count;
    double sum = 0;

    *different = 0;
    if (!v->true_item || v->users == 0)
        return 0;
    items = bound(v->true_item, v->users);
    count = mem_new((size_t)items, sizeof *count);
    for (int64_t u = 0; u < v->users; u++)
        if (evaluation_in_group(v, u, g))
            *different += count[v->true_item[u]]++ == 0;
    for (int64_t i = 0; i < items; i++)
        sum += (double)count[i] * (double)count[i];
    free(count);
    return sum / (double)v->group[g].users;
}

/* The number of users of group g; rows of a user stand next to each other. */
static int64_t people(const struct evaluation *v, int g)
{
    int64_t n = 0, last = -1;

    for (int64_t u = 0; u < v->users; u++)
        if (evaluation_in_group(v, u, g)) {
            n += v->user[u] != last;
            last = v->user[u];
        }
    return n;
}

static enum cluster automatic(const struct evaluation *v, int g)
{
    if (v->group[g].true_items == v->group[g].users)
        return CLUSTER_USER;
    return people(v, g) < v->group[g].users ? CLUSTER_BOTH : CLUSTER_ITEM;
}

static const char *const cluster_of[] = { [CLUSTER_USER] = "users",
                                          [CLUSTER_ITEM] = "true items",
                                          [CLUSTER_BOTH] = "true items and users" };

static void note_choice(struct evaluation *v)
{
    int64_t different;
    double shared = clusters_shared(v, 0, &different);
    enum cluster c = v->group[0].cluster;

    if (c != CLUSTER_USER)
        evaluation_note(v, "intervals and tests by %s: %lld different true items, each "
                           "shared by %.3g of %lld rows on average", cluster_of[c],
                        (long long)different, shared, (long long)v->users);
    else if (shared > CLUSTERS_SHARED)
        evaluation_note(v,
                        "%lld different true items, each shared by %.3g of %lld rows on "
                        "average: intervals over users may be too narrow, by a factor of "
                        "up to %.2f (--cluster auto)",
                        (long long)different, shared, (long long)v->users, sqrt(shared));
}

/* "cold 43 of 43 rows, by users; warm 40 of 48 rows". */
static void note_groups(struct evaluation *v)
{
    char *text = mem_string("");

    for (int g = 1; g < v->groups; g++) {
        const struct group *of = &v->group[g];
        bool other = of->cluster != v->group[0].cluster;
        char *name = escape_printed(of->name);
        char *longer = mem_format("%s%s%s %lld of %lld rows%s%s", text,
                                  g > 1 ? "; " : "", name, (long long)of->true_items,
                                  (long long)of->users, other ? ", by " : "",
                                  other ? cluster_of[of->cluster] : "");

        free(text);
        free(name);
        text = longer;
    }
    if (v->groups > 1 && v->group[0].cluster != CLUSTER_USER)
        evaluation_note(v, "different true items in the groups: %s", text);
    free(text);
}

void clusters_choose(struct evaluation *v, enum cluster asked)
{
    for (int g = 0; g < v->groups; g++) {
        clusters_shared(v, g, &v->group[g].true_items);
        v->group[g].cluster = !v->true_item           ? CLUSTER_USER
                              : asked == CLUSTER_AUTO ? automatic(v, g)
                                                      : asked;
    }
    note_choice(v);
    note_groups(v);
}

/* As struct clustered, owned. */
struct sums {
    double *x, *weight;
    int64_t n;
};

/* Sums of the rows of x (users of group g, columns) that have the same id (users), in the
 * order of first appearance; free x and weight.  weight NULL: each is of one row. */
static struct sums sums_of(const struct evaluation *v, int g, const int32_t *id,
                           const double *x, int columns)
{
    size_t rows = (size_t)v->group[g].users;
    double *sum = mem_new(rows * (size_t)columns, sizeof *sum);
    double *weight = mem_new(rows, sizeof *weight);
    int64_t *number = mem_new((size_t)bound(id, v->users) + 1, sizeof *number), n = 0;

    for (int64_t u = 0; u < v->users; u++) {
        double *to;

        if (!evaluation_in_group(v, u, g))
            continue;
        if (number[id[u]] == 0)
            number[id[u]] = ++n;
        to = sum + (number[id[u]] - 1) * columns;
        for (int c = 0; c < columns; c++)
            to[c] += x[c];
        weight[number[id[u]] - 1]++;
        x += columns;
    }
    free(number);
    if (n == v->group[g].users) {
        free(weight);
        weight = NULL;
    }
    return (struct sums){ sum, weight, n };
}

/* The rows by users and by items, as far as these are asked for. */
struct ways {
    struct sums user, item;
};

static struct ways ways_of(const struct evaluation *v, int g, const double *x,
                           int columns)
{
    struct ways w = { 0 };

    if (v->group[g].cluster != CLUSTER_ITEM)
        w.user = sums_of(v, g, v->user, x, columns);
    if (v->group[g].cluster != CLUSTER_USER)
        w.item = sums_of(v, g, v->true_item, x, columns);
    return w;
}

/* Both, and the rows x (n, columns) themselves. */
static void put_ways(struct clustered *way, const struct ways *w, const double *x,
                     int64_t n)
{
    way[0] = (struct clustered){ w->user.x, w->user.weight, w->user.n };
    way[1] = (struct clustered){ w->item.x, w->item.weight, w->item.n };
    way[2] = (struct clustered){ x, NULL, n };
}

static void free_ways(struct ways *w)
{
    free(w->user.x);
    free(w->user.weight);
    free(w->item.x);
    free(w->item.weight);
}

void clusters_bootstrap(const struct evaluation *v, int g, struct interval *out,
                        const double *x, int columns)
{
    struct clustered way[CLUSTERED_WAYS];
    struct ways w = ways_of(v, g, x, columns);
    const struct sums *one = v->group[g].cluster == CLUSTER_ITEM ? &w.item : &w.user;

    put_ways(way, &w, x, v->group[g].users);
    if (v->group[g].cluster == CLUSTER_BOTH)
        stats_two_way_means(out, way, columns, v->resamples, v->seed);
    else
        stats_bootstrap_means(out, one->x, one->weight, one->n, columns, v->resamples,
                              v->seed);
    free_ways(&w);
}

void clusters_test(const struct evaluation *v, int g, double *p, const double *d,
                   int columns, int rounds)
{
    struct clustered way[CLUSTERED_WAYS];
    struct ways w = ways_of(v, g, d, columns);
    const struct sums *one = v->group[g].cluster == CLUSTER_ITEM ? &w.item : &w.user;

    put_ways(way, &w, d, v->group[g].users);
    if (v->group[g].cluster == CLUSTER_BOTH)
        stats_two_way_test(p, way, columns, rounds, v->seed);
    else
        stats_sign_flip_test(p, one->x, one->n, columns, rounds, v->seed);
    free_ways(&w);
}
