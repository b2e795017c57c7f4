/* Which token is drawn: shares, nucleus, keys. */
#include "llm/sampler.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* four standard deviations of a share of DRAWS draws */
#define SHARE_TOL .02

enum { DRAWS = 10000, N = 5 };

/* Probabilities .4 .3 .2 .1 0 at temperature 1. */
static void make_logits(real *logits)
{
    const double p[N] = { .2, .4, .1, .3, 0 };

    for (int i = 0; i < N; i++)
        logits[i] = p[i] > 0 ? (real)log(p[i]) : (real)-INFINITY;
}

static void check_shares(double temperature, double top_p, const double *want)
{
    struct sampler s = { temperature, top_p, 7 };
    real logits[N];
    int count[N] = { 0 };

    make_logits(logits);
    for (int i = 0; i < DRAWS; i++)
        count[sampler_pick(&s, logits, N, (uint64_t)(i % 100), (uint64_t)(i / 100))]++;
    for (int i = 0; i < N; i++)
        if (!(fabs((double)count[i] / DRAWS - want[i]) <= SHARE_TOL) ||
            (want[i] == 0 && count[i] > 0))
            fail_msg("temperature %g, top-p %g: token %d has %g of the draws, "
                     "expected %g",
                     temperature, top_p, i, (double)count[i] / DRAWS, want[i]);
}

static void shares_are_softmax_and_nucleus(void **state)
{
    (void)state;
    check_shares(1, 1, (const double[N]){ .2, .4, .1, .3, 0 });
    check_shares(.5, 1, (const double[N]){ .04 / .3, .16 / .3, .01 / .3, .09 / .3, 0 });
    check_shares(1, .65, (const double[N]){ 0, 4 / 7., 0, 3 / 7., 0 }); /* .4 is less */
    check_shares(1, .75, (const double[N]){ 2 / 9., 4 / 9., 0, 3 / 9., 0 });
    check_shares(1, 1e-6, (const double[N]){ 0, 1, 0, 0, 0 });
}

static void greedy_takes_the_first_of_equal_ones(void **state)
{
    struct sampler s = { 0, 1, 7 };

    (void)state;
    assert_int_equal(sampler_pick(&s, (const real[]){ 1, 3, 3, 2 }, 4, 0, 0), 1);
}

static void draws_are_keyed(void **state)
{
    struct sampler s = { 1, 1, 7 }, other = { 1, 1, 8 };
    int same = 0, text = 0, position = 0, seed = 0;
    real logits[N];

    (void)state;
    make_logits(logits);
    for (uint64_t i = 0; i < 1000; i++) {
        int t = sampler_pick(&s, logits, N, i, 3);

        same += t == sampler_pick(&s, logits, N, i, 3);
        text += t == sampler_pick(&s, logits, N, i + 1, 3);
        position += t == sampler_pick(&s, logits, N, i, 4);
        seed += t == sampler_pick(&other, logits, N, i, 3);
    }
    assert_int_equal(same, 1000);
    assert_in_range(text, 200, 400); /* .3 of independent draws agree */
    assert_in_range(position, 200, 400);
    assert_in_range(seed, 200, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_softmax_and_nucleus),
        cmocka_unit_test(greedy_takes_the_first_of_equal_ones),
        cmocka_unit_test(draws_are_keyed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
