#include "data/synth.h"

#include "data/synth_parts.h"
#include "util/mem.h"
#include "util/rng.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define MAIN_TASTE 0.7    /* share of new starts in the user's first cluster */
#define SECOND_TASTE 0.25 /* in the second; the rest goes anywhere */
#define EPOCH 1000000000  /* times start here, in September 2001 */
#define YEARS 3
#define SAME_SECOND 0.2   /* share of interactions at the time of the last one */
#define MEAN_PAUSE 3600.0 /* seconds between the others */

struct synth *synth_new(struct synth_shape shape)
{
    struct synth *s = mem_new(1, sizeof *s);
    int ranks = (shape.items + shape.clusters - 1) / shape.clusters;
    rng r = rng_keyed("data-synth items", shape.seed, 0, 0);
    double sum = 0;

    assert(shape.clusters <= shape.items && shape.most <= shape.items);
    s->shape = shape;
    s->item_at = mem_new((size_t)shape.items, sizeof *s->item_at);
    s->place_of = mem_new((size_t)shape.items, sizeof *s->place_of);
    s->seen = mem_new((size_t)shape.items, sizeof *s->seen);
    s->upto = mem_new((size_t)ranks, sizeof *s->upto);
    for (int i = 0; i < shape.items; i++)
        s->item_at[i] = i;
    rng_shuffle(&r, s->item_at, shape.items);
    for (int i = 0; i < shape.items; i++)
        s->place_of[s->item_at[i]] = i;
    for (int k = 0; k < ranks; k++)
        s->upto[k] = sum += pow(k + 1, -shape.skew);
    return s;
}

void synth_free(struct synth *s)
{
    free(s->item_at);
    free(s->place_of);
    free(s->seen);
    free(s->upto);
    free(s);
}

/* Items in the cluster. */
static int ranks_of(const struct synth *s, int cluster)
{
    return (s->shape.items - cluster + s->shape.clusters - 1) / s->shape.clusters;
}

static int item_of(const struct synth *s, int cluster, int rank)
{
    return s->item_at[cluster + s->shape.clusters * rank];
}

int synth_cluster(const struct synth *s, int item)
{
    return s->place_of[item] % s->shape.clusters;
}

int synth_successor(const struct synth *s, int item)
{
    int cluster = synth_cluster(s, item);
    int rank = s->place_of[item] / s->shape.clusters;

    return item_of(s, cluster, (rank + 1) % ranks_of(s, cluster));
}

int synth_length(const struct synth *s, int user)
{
    rng r = rng_keyed("data-synth length", s->shape.seed, 0, (uint64_t)user);
    uint64_t range = (uint64_t)(s->shape.most - s->shape.least) + 1;

    return s->shape.least + (int)rng_below(&r, range);
}

/* An item of the cluster by popularity. */
static int draw_item(const struct synth *s, rng *r, int cluster)
{
    int low = 0, high = ranks_of(s, cluster) - 1;
    double x = rng_uniform(r) * s->upto[high];

    while (low < high) {
        int middle = low + (high - low) / 2;

        if (s->upto[middle] > x)
            high = middle;
        else
            low = middle + 1;
    }
    return item_of(s, cluster, low);
}

/* The item, or the nearest after it that the user has not had. */
static int first_unseen(const struct synth *s, int item, int user)
{
    int clusters = s->shape.clusters, cluster = synth_cluster(s, item);

    for (;;) {
        int start = item;

        do {
            if (s->seen[item] != user + 1)
                return item;
            item = synth_successor(s, item);
        } while (item != start);
        cluster = (cluster + 1) % clusters;
        item = item_of(s, cluster, 0);
    }
}

static int64_t next_time(rng *r, int64_t time)
{
    if (rng_uniform(r) < SAME_SECOND)
        return time;
    return time + 1 + (int64_t)(-log(1 - rng_uniform(r)) * MEAN_PAUSE);
}

void synth_user(struct synth *s, int user, int32_t *item, int64_t *time, float *rating)
{
    rng r = rng_keyed("data-synth user", s->shape.seed, 0, (uint64_t)user);
    int n = synth_length(s, user), clusters = s->shape.clusters;
    int first = (int)rng_below(&r, (uint64_t)clusters);
    int second = (int)rng_below(&r, (uint64_t)clusters);
    int64_t now = EPOCH + (int64_t)rng_below(&r, YEARS * 365 * 86400);

    for (int i = 0; i < n; i++) {
        bool follows = rng_uniform(&r) < s->shape.follow && i > 0;
        double u = rng_uniform(&r);
        int any = (int)rng_below(&r, (uint64_t)clusters), cluster, next;

        cluster = u < MAIN_TASTE ? first : u < MAIN_TASTE + SECOND_TASTE ? second : any;
        next = follows ? synth_successor(s, item[i - 1]) : draw_item(s, &r, cluster);
        item[i] = first_unseen(s, next, user);
        s->seen[item[i]] = user + 1;
        time[i] = now = next_time(&r, now);
        cluster = synth_cluster(s, item[i]);
        rating[i] = (float)(cluster == first || cluster == second ? 3 : 1) +
                    (float)rng_below(&r, 3);
    }
}
