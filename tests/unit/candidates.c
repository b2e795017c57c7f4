#include "cand/candidates.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

/* 1 - 1e-4 quantile of chi-square, by Wilson and Hilferty's approximation: fixed
 * seeds make the tests repeat, the bound says that the seed was not chosen. */
static double chi_square_bound(int freedom)
{
    double k = 2.0 / (9.0 * freedom), z = 3.719;

    return freedom * pow(1 - k + z * sqrt(k), 3);
}

static double chi_square(const double *found, const double *expected, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        if (expected[i] > 0)
            sum += (found[i] - expected[i]) * (found[i] - expected[i]) / expected[i];
    return sum;
}

static void assert_distinct(const int32_t *list, int n)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            assert_int_not_equal(list[i], list[j]);
}

/* Every item that is not left out comes equally often. */
static void draws_are_uniform(void **state)
{
    enum { ITEMS = 50, N = 10, TIMES = 20000 };
    static const int32_t exclude[] = { 49, 3, 3, 17 };
    struct candidates *c = candidates_new(ITEMS, NULL);
    double found[ITEMS] = { 0 }, expected[ITEMS];
    int32_t out[N];

    (void)state;
    for (int i = 0; i < ITEMS; i++)
        expected[i] = (double)TIMES * N / (ITEMS - 4);
    expected[49] = expected[3] = expected[17] = expected[20] = 0;
    for (int t = 0; t < TIMES; t++) {
        rng r = rng_keyed("test uniform", 1, 0, (uint64_t)t);

        assert_int_equal(candidates_draw(c, &r, exclude, 4, 20, N, out), N);
        assert_distinct(out, N);
        for (int j = 0; j < N; j++)
            found[out[j]]++;
    }
    for (int i = 0; i < ITEMS; i++)
        assert_true(expected[i] > 0 || found[i] == 0);
    assert_true(chi_square(found, expected, ITEMS) < chi_square_bound(ITEMS - 5));
    candidates_free(c);
}

/* The first draw follows the weights, the second what remains of them. */
static void popularity_weights_the_draws(void **state)
{
    enum { ITEMS = 6, TIMES = 40000 };
    static const int64_t weight[ITEMS] = { 40, 0, 10, 5, 3, 2 };
    static const int32_t exclude[] = { 2 };
    struct candidates *c = candidates_new(ITEMS, weight);
    double found[ITEMS * ITEMS] = { 0 }, expected[ITEMS * ITEMS] = { 0 };
    int32_t out[2];

    (void)state;
    for (int a = 0; a < ITEMS; a++)
        for (int b = 0; b < ITEMS; b++)
            if (a != b && a != 2 && b != 2)
                expected[a * ITEMS + b] = TIMES * (double)weight[a] / 50 *
                                          (double)weight[b] / (50 - (double)weight[a]);
    for (int t = 0; t < TIMES; t++) {
        rng r = rng_keyed("test popularity", 1, 0, (uint64_t)t);

        assert_int_equal(candidates_draw(c, &r, exclude, 1, -1, 2, out), 2);
        found[out[0] * ITEMS + out[1]]++;
    }
    for (int i = 0; i < ITEMS * ITEMS; i++)
        assert_true(expected[i] > 0 || found[i] == 0);
    assert_true(chi_square(found, expected, ITEMS * ITEMS) < chi_square_bound(11));
    candidates_free(c);
}

/* One item of all but the whole weight is left out: hardly any draw hits. */
static void a_heavy_item_left_out_does_not_matter(void **state)
{
    enum { ITEMS = 5, TIMES = 5000 };
    static const int64_t weight[ITEMS] = { 1000000000, 4, 3, 2, 1 };
    struct candidates *c = candidates_new(ITEMS, weight);
    double found[ITEMS] = { 0 }, expected[ITEMS] = { 0, .4, .3, .2, .1 };
    int32_t out[1];

    (void)state;
    for (int t = 0; t < TIMES; t++) {
        rng r = rng_keyed("test heavy", 1, 0, (uint64_t)t);

        assert_int_equal(candidates_draw(c, &r, NULL, 0, 0, 1, out), 1);
        found[out[0]]++;
    }
    for (int i = 0; i < ITEMS; i++)
        expected[i] *= TIMES;
    assert_true(found[0] == 0);
    assert_true(chi_square(found, expected, ITEMS) < chi_square_bound(ITEMS - 2));
    candidates_free(c);
}

static void a_small_catalogue_gives_what_it_has(void **state)
{
    static const int32_t exclude[] = { 0, 1 };
    struct candidates *c = candidates_new(5, NULL);
    rng r = rng_keyed("test small", 1, 0, 0);
    int32_t out[10];

    (void)state;
    assert_int_equal(candidates_draw(c, &r, exclude, 2, 4, 10, out), 2);
    assert_int_equal(out[0] + out[1], 2 + 3);
    assert_int_equal(candidates_draw(c, &r, exclude, 2, -1, 10, out), 3);
    assert_int_equal(candidates_draw(c, &r, (int32_t[]){ 0, 1, 2, 3, 4 }, 5, -1, 10, out),
                     0);
    candidates_free(c);
}

static void every_place_hides_the_truth_equally(void **state)
{
    enum { N = 19, TIMES = 20000 };
    double found[N + 1] = { 0 }, expected[N + 1];

    (void)state;
    for (int i = 0; i <= N; i++)
        expected[i] = (double)TIMES / (N + 1);
    for (int t = 0; t < TIMES; t++) {
        rng r = rng_keyed("test hide", 1, 0, (uint64_t)t);
        int32_t row[N + 1];
        int place = 0;

        for (int i = 0; i < N; i++)
            row[i] = i;
        candidates_hide(&r, row, N, 99);
        while (row[place] != 99)
            place++;
        found[place]++;
    }
    assert_true(chi_square(found, expected, N + 1) < chi_square_bound(N));
}

static void larger_samples_hold_smaller_ones(void **state)
{
    int32_t small[100], large[100];
    int j = 0;

    (void)state;
    for (int i = 0; i < 100; i++)
        small[i] = large[i] = 2 * i;
    assert_int_equal(candidates_sample_users(small, 100, 10, 7), 10);
    assert_int_equal(candidates_sample_users(large, 100, 40, 7), 40);
    for (int i = 0; i < 10; i++) {
        assert_true(i == 0 || small[i] > small[i - 1]);
        while (j < 40 && large[j] != small[i])
            j++;
        assert_true(j < 40);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_are_uniform),
        cmocka_unit_test(popularity_weights_the_draws),
        cmocka_unit_test(a_heavy_item_left_out_does_not_matter),
        cmocka_unit_test(a_small_catalogue_gives_what_it_has),
        cmocka_unit_test(every_place_hides_the_truth_equally),
        cmocka_unit_test(larger_samples_hold_smaller_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
