/* NDCG@10 expected over draws of negatives, from a rank in the catalogue. */
#include "metrics/expected.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TOL 1e-12 /* sums of ten products in double */

/* The binomial probability of j of n by logarithms of factorials. */
static double binomial(int n, int j, double p)
{
    return exp(lgamma(n + 1) - lgamma(j + 1) - lgamma(n - j + 1) + j * log(p) +
               (n - j) * log(1 - p));
}

static void the_sum_over_places(void **state)
{
    (void)state;
    assert_float_equal(expected_ndcg(0), 1, 0);
    assert_float_equal(expected_ndcg(1), 0, 0);
    for (double p = .01; p < 1; p += .07) {
        double want = 0;

        for (int place = 1; place <= 10; place++)
            want += binomial(19, place - 1, p) / log2(1.0 + place);
        assert_float_equal(expected_ndcg(p), want, TOL);
    }
}

/* Chance: all places of 20 alike is the mean over uniform shares. */
static void the_mean_over_all_shares_is_chance(void **state)
{
    enum { N = 100000 };
    double mean = 0, chance = 0;

    (void)state;
    for (int i = 0; i < N; i++)
        mean += expected_ndcg((i + .5) / N) / N;
    for (int place = 1; place <= 10; place++)
        chance += 1 / log2(1.0 + place) / 20;
    assert_float_equal(mean, chance, 1e-8); /* the midpoint rule's error */
}

static void share_without_the_users_own(void **state)
{
    static const int32_t earlier[] = { 0, 5, 0 };
    real scores[] = { 9, 4, 3, 1, 3, 8, 2 }, diverged[] = { 1, NAN, 0 };

    (void)state;
    /* 3 is beaten by 4 and shares its score with one of 4, 1, 3, 2 */
    assert_float_equal(expected_share_above(scores, 7, 2, earlier, 3), .5, 0);
    assert_float_equal(expected_share_above(diverged, 3, 1, earlier, 0), 1, 0);
    assert_float_equal(expected_share_above((real[]){ 1, 2 }, 2, 1, earlier, 1), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sum_over_places),
        cmocka_unit_test(the_mean_over_all_shares_is_chance),
        cmocka_unit_test(share_without_the_users_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
