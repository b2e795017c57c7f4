/* Intervals and tests against cases whose answer is known. */
#include "metrics/stats.h"
#include "util/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#define EXACT 1e-12 /* sums of at most 100 terms of about 1 in double */

static void near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("got %.12g, expected %.12g within %g", got, want, tolerance);
}

/* 600 users of whom 120 are hits: the mean is binomial, its standard deviation
 * sqrt(.2 * .8 / 600) = .01633, the interval .2 -+ 1.96 of that. */
static void bootstrap_knows_the_binomial(void **state)
{
    double x[600][2];
    struct interval out[2];

    (void)state;
    for (int i = 0; i < 600; i++) {
        x[i][0] = i < 120;
        x[i][1] = 3;
    }
    stats_bootstrap_means(out, &x[0][0], NULL, 600, 2, 10000, 1);
    near(out[0].mean, .2, EXACT);
    near(out[0].low, .2 - 1.96 * .01633, .0025); /* steps of 1/600, 10,000 draws */
    near(out[0].high, .2 + 1.96 * .01633, .0025);
    near(out[1].low, 3, EXACT);
    near(out[1].high, 3, EXACT);
}

/* Every value four times over says no more than once: users are drawn, not their rows. */
static void rows_of_one_user_are_drawn_together(void **state)
{
    double x[40], sums[40], weight[40], three = 0, values = 0;
    struct interval plain, merged;

    (void)state;
    for (int i = 0; i < 40; i++) {
        x[i] = sin(7 * i) > .3;
        sums[i] = 4 * x[i];
        weight[i] = 4;
    }
    stats_bootstrap_means(&plain, x, NULL, 40, 1, 1000, 1);
    stats_bootstrap_means(&merged, sums, weight, 40, 1, 1000, 1);
    near(merged.mean, plain.mean, EXACT);
    near(merged.low, plain.low, EXACT);
    near(merged.high, plain.high, EXACT);
    for (int i = 0; i < 40; i++) { /* users of different sizes: the mean is of the rows */
        weight[i] = 1 + i % 3;
        sums[i] = x[i] * weight[i];
        three += sums[i];
        values += weight[i];
    }
    stats_bootstrap_means(&merged, sums, weight, 40, 1, 1000, 1);
    near(merged.mean, three / values, EXACT);
    assert_true(merged.low < merged.mean && merged.mean < merged.high &&
                merged.high <= 1);
}

/* Of 400 intervals from samples of 100 of a coin with .3, 95 % hold .3; the
 * percentile bootstrap is known to fall short by a little at this size: 92 to 97 %
 * leaves three standard deviations on either side of 94.5 %. */
static void bootstrap_covers(void **state)
{
    int covered = 0;

    (void)state;
    for (uint64_t sample = 0; sample < 400; sample++) {
        rng r = rng_keyed("coverage", 1, sample, 0);
        struct interval out;
        double x[100];

        for (int i = 0; i < 100; i++)
            x[i] = rng_uniform(&r) < .3;
        stats_bootstrap_means(&out, x, NULL, 100, 1, 1000, sample);
        covered += out.low <= .3 + EXACT && .3 - EXACT <= out.high;
    }
    assert_in_range(covered, 364, 390);
}

/* With n equal differences only two of the 2^n sign patterns reach the observed
 * sum; the tolerance is four standard deviations of 10,000 rounds. */
static void sign_flips_know_small_cases(void **state)
{
    static const double d[][3] = {
        { 1, .1, 1 }, { 1, .1, -1 }, { 1, .1, .5 }, { 1, .1, -.5 }
    };
    double p[3];

    (void)state;
    stats_sign_flip_test(p, &d[0][0], 4, 3, 10000, 1);
    near(p[0], 2. / 16, 4 * sqrt(.125 * .875 / 10000));
    near(p[1], p[0], 0); /* .1 + .1 + .1 - .1 and the like must not miss a tie */
    near(p[2], 1, 0);    /* no difference */
    stats_sign_flip_test(p, &d[0][0], 3, 3, 10000, 1);
    near(p[0], 2. / 8, 4 * sqrt(.25 * .75 / 10000));
}

static void no_round_as_far_gives_the_least_p(void **state)
{
    double d[64], p;

    (void)state;
    for (int i = 0; i < 64; i++)
        d[i] = 1 + i % 3;
    stats_sign_flip_test(&p, d, 64, 1, 999, 1);
    near(p, 1. / 1000, 1e-15);
}

/* 400 users, 10 to each of 40 items; value: the item's effect and noise, both standard
 * normal.  The mean has variance 1/40 + 1/400, over users it looks like 2/400. */
enum { ITEMS = 40, PER_ITEM = 10, SAMPLES = 300 };

static double normal(rng *r)
{
    return sqrt(-2 * log(1 - rng_uniform(r))) *
           cos(2 * 3.14159265358979 * rng_uniform(r));
}

static void draw_items(double *x, double *sum, double *weight, uint64_t sample)
{
    rng r = rng_keyed("null of items", 1, sample, 0);

    for (int i = 0; i < ITEMS; i++) {
        double effect = normal(&r);

        sum[i] = 0;
        weight[i] = PER_ITEM;
        for (int j = 0; j < PER_ITEM; j++)
            sum[i] += x[i * PER_ITEM + j] = effect + normal(&r);
    }
}

/* The null's spread is sqrt(.0275) = .166; over users the interval's is .071, which holds
 * 0 in 61 % of samples.  Clusters of items hold it in 95 % (a little less with 40 of
 * them), and their test rejects 5 %: three standard deviations of 300 draws on either
 * side. */
static void items_make_users_agree(void **state)
{
    int by_users = 0, by_items = 0, rejected = 0;

    (void)state;
    for (uint64_t sample = 0; sample < SAMPLES; sample++) {
        double x[ITEMS * PER_ITEM], sum[ITEMS], weight[ITEMS], p;
        struct interval users, items;

        draw_items(x, sum, weight, sample);
        stats_bootstrap_means(&users, x, NULL, ITEMS * PER_ITEM, 1, 400, sample);
        stats_bootstrap_means(&items, sum, weight, ITEMS, 1, 400, sample);
        stats_sign_flip_test(&p, sum, ITEMS, 1, 399, sample);
        near(items.mean, users.mean, EXACT);
        by_users += users.low <= 0 && 0 <= users.high;
        by_items += items.low <= 0 && 0 <= items.high;
        rejected += p <= .05;
    }
    assert_in_range(by_users, 150, 210);
    assert_in_range(by_items, 267, 295);
    assert_in_range(rejected, 4, 27);
}

/* A value of each of 30 users with 10 of 30 items, two rows of effects and noise. */
enum { SIDE = 30, EACH = 10, PAIRS = SIDE * EACH };

struct pairs {
    double row[PAIRS], user[SIDE], item[SIDE], count[SIDE], ten[SIDE];
};

static void draw_pairs(struct pairs *k, double user_size, double item_size,
                       uint64_t sample)
{
    rng r = rng_keyed("null of pairs", 1, sample, 0);
    double effect[SIDE];

    *k = (struct pairs){ { 0 }, { 0 }, { 0 }, { 0 }, { 0 } };
    for (int i = 0; i < SIDE; i++)
        effect[i] = item_size * normal(&r);
    for (int u = 0; u < SIDE; u++) {
        double own = user_size * normal(&r);

        k->ten[u] = EACH;
        for (int j = 0; j < EACH; j++) {
            int item = (int)rng_below(&r, SIDE);
            double x = own + effect[item] + normal(&r);

            k->row[u * EACH + j] = x;
            k->user[u] += x;
            k->item[item] += x;
            k->count[item]++;
        }
    }
}

static void two_ways(struct clustered *way, const struct pairs *k)
{
    way[0] = (struct clustered){ k->user, k->ten, SIDE };
    way[1] = (struct clustered){ k->item, k->count, SIDE };
    way[2] = (struct clustered){ k->row, NULL, PAIRS };
}

/* Effects of users and of items: either kind of cluster alone misses the other's. */
static void users_and_items_at_once(void **state)
{
    int both = 0, one = 0, rejected = 0;

    (void)state;
    for (uint64_t sample = 0; sample < SAMPLES; sample++) {
        struct clustered way[CLUSTERED_WAYS];
        struct interval out, users;
        struct pairs k;
        double p;

        draw_pairs(&k, 1, 1, sample);
        two_ways(way, &k);
        stats_two_way_means(&out, way, 1, 400, sample);
        stats_two_way_test(&p, way, 1, 399, sample);
        stats_bootstrap_means(&users, k.user, k.ten, SIDE, 1, 400, sample);
        near(out.mean, users.mean, EXACT);
        both += out.low <= 0 && 0 <= out.high;
        one += users.low <= 0 && 0 <= users.high;
        rejected += p <= .05;
    }
    assert_in_range(both, 264, 295);
    assert_in_range(one, 190, 255);
    assert_in_range(rejected, 4, 27);
}

/* Without effects of either the variance is that of the rows, not twice as much. */
static void no_effect_costs_nothing(void **state)
{
    double width = 0, plain = 0;

    (void)state;
    for (uint64_t sample = 0; sample < 40; sample++) {
        struct clustered way[CLUSTERED_WAYS];
        struct interval out, rows;
        struct pairs k;

        draw_pairs(&k, 0, 0, sample);
        two_ways(way, &k);
        stats_two_way_means(&out, way, 1, 400, sample);
        stats_bootstrap_means(&rows, k.row, NULL, PAIRS, 1, 400, sample);
        width += out.high - out.low;
        plain += rows.high - rows.low;
    }
    near(width / plain, 1.07, .1); /* the larger of two noisy ones is above the mean */
}

static void threads_change_nothing(void **state)
{
    struct interval a[3], b[3];
    double x[50 * 3], p[3], q[3];
    struct clustered way[CLUSTERED_WAYS] = { { x, NULL, 50 }, { x, NULL, 50 },
                                             { x, NULL, 50 } };

    (void)state;
    for (int i = 0; i < 150; i++)
        x[i] = sin(i * i) - .1;
    omp_set_num_threads(1);
    stats_bootstrap_means(a, x, NULL, 50, 3, 500, 7);
    stats_sign_flip_test(p, x, 50, 3, 500, 7);
    omp_set_num_threads(2);
    stats_bootstrap_means(b, x, NULL, 50, 3, 500, 7);
    stats_sign_flip_test(q, x, 50, 3, 500, 7);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_equal(p, q, sizeof p);
    omp_set_num_threads(1);
    stats_two_way_means(a, way, 3, 500, 7);
    stats_two_way_test(p, way, 3, 500, 7);
    omp_set_num_threads(2);
    stats_two_way_means(b, way, 3, 500, 7);
    stats_two_way_test(q, way, 3, 500, 7);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_equal(p, q, sizeof p);
    stats_bootstrap_means(a, x, NULL, 50, 3, 500, 7);
    stats_bootstrap_means(b, x, NULL, 50, 3, 500, 8);
    assert_true(a[0].low < b[0].low || a[0].low > b[0].low);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bootstrap_knows_the_binomial),
        cmocka_unit_test(rows_of_one_user_are_drawn_together),
        cmocka_unit_test(bootstrap_covers),
        cmocka_unit_test(sign_flips_know_small_cases),
        cmocka_unit_test(no_round_as_far_gives_the_least_p),
        cmocka_unit_test(items_make_users_agree),
        cmocka_unit_test(users_and_items_at_once),
        cmocka_unit_test(no_effect_costs_nothing),
        cmocka_unit_test(threads_change_nothing),
    };

    return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
