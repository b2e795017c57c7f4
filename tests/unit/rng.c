#include "util/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

enum { DRAWS = 200000 };

/* Five standard errors: a right generator fails once in a million runs, and the
 * draws are the same in every run. */
#define SIGMAS 5

/* xoshiro256** from the state 1 2 3 4, as its authors' C code prints it. */
static void the_generator_is_xoshiro(void **state)
{
    static const uint64_t want[] = {
        11520, 0, 1509978240, 1215971899390074240, 1216172134540287360,
        607988272756665600, 16172922978634559625u, 8476171486693032832,
    };
    rng r = { { 1, 2, 3, 4 } };

    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_true(rng_next(&r) == want[i]);
}

/* splitmix64 from 1234567, the published test vector: the state makes that the
 * generator's next number.  Fewer words are the beginning of more. */
static void fills_are_splitmix(void **state)
{
    static const uint64_t want[] = { 6457827717110365317u, 3203168211198807973u,
                                     9817491932198370423u, 4593380528125082431u,
                                     16408922859458223821u };
    uint64_t words[5];

    (void)state;
    for (int n = 0; n <= 5; n++) {
        rng r = { { 1, 15205753621870304220u, 3, 4 } };

        for (int i = 0; i < 5; i++)
            words[i] = 7;
        rng_fill(&r, words, n);
        for (int i = 0; i < 5; i++)
            assert_true(words[i] == (i < n ? want[i] : 7));
    }
}

/* Every part of the key matters, and nothing else does. */
static void keys_give_their_own_draws(void **state)
{
    rng same = rng_keyed("a", 1, 2, 3), again = rng_keyed("a", 1, 2, 3);
    rng other[] = { rng_keyed("b", 1, 2, 3), rng_keyed("a", 2, 2, 3),
                    rng_keyed("a", 1, 3, 3), rng_keyed("a", 1, 2, 4),
                    rng_keyed("a", 1, 3, 2), rng_keyed("a", 2, 1, 3) };
    uint64_t first = rng_next(&same);

    (void)state;
    assert_true(rng_next(&again) == first);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        uint64_t x = rng_next(&other[i]);

        assert_true(x != first);
        for (size_t k = i + 1; k < sizeof other / sizeof *other; k++) {
            rng copy = other[k];

            assert_true(rng_next(&copy) != x);
        }
    }
}

/* Keys that follow each other are as good as one long sequence. */
static void uniform_draws_fill_the_interval(void **state)
{
    double sum = 0, squares = 0;

    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        rng r = rng_keyed("uniform", 7, 0, (uint64_t)i);
        double u = rng_uniform(&r);

        assert_true(u >= 0 && u < 1);
        sum += u;
        squares += u * u;
    }
    assert_true(fabs(sum / DRAWS - 0.5) < SIGMAS * sqrt(1 / 12.0 / DRAWS));
    assert_true(fabs(squares / DRAWS - 1 / 3.0) < SIGMAS * sqrt(4 / 45.0 / DRAWS));
}

static void integers_are_even_and_in_range(void **state)
{
    enum { N = 7 };
    rng r = rng_keyed("below", 1, 0, 0);
    int count[N] = { 0 };

    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        uint64_t x = rng_below(&r, N);

        assert_true(x < N);
        count[x]++;
    }
    for (int i = 0; i < N; i++)
        assert_true(fabs(count[i] - DRAWS / (double)N) <
                    SIGMAS * sqrt(DRAWS / (double)N));
    assert_true(rng_below(&r, 1) == 0);
    for (int i = 0; i < 1000; i++) /* where plain modulo would be lopsided */
        assert_true(rng_below(&r, (uint64_t)3 << 62) < (uint64_t)3 << 62);
}

static void normal_draws_have_their_moments(void **state)
{
    rng r = rng_keyed("normal", 1, 0, 0);
    double sum = 0, squares = 0, fourth = 0;

    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        double x = rng_normal(&r);

        assert_true(isfinite(x));
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
    }
    assert_true(fabs(sum / DRAWS) < SIGMAS * sqrt(1.0 / DRAWS));
    assert_true(fabs(squares / DRAWS - 1) < SIGMAS * sqrt(2.0 / DRAWS));
    assert_true(fabs(fourth / DRAWS - 3) < SIGMAS * sqrt(96.0 / DRAWS));
}

/* Each of the 6 orders of 3 comes equally often, and nothing is lost. */
static void every_order_is_as_likely(void **state)
{
    int count[27] = { 0 }, orders = 0;

    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        rng r = rng_keyed("shuffle", 1, 0, (uint64_t)i);
        int v[] = { 0, 1, 2 };

        rng_shuffle(&r, v, 3);
        count[9 * v[0] + 3 * v[1] + v[2]]++;
        assert_int_equal(1 << v[0] | 1 << v[1] | 1 << v[2], 7);
    }
    for (int i = 0; i < 27; i++)
        if (count[i] > 0) {
            orders++;
            assert_true(fabs(count[i] - DRAWS / 6.0) < SIGMAS * sqrt(DRAWS / 6.0));
        }
    assert_int_equal(orders, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generator_is_xoshiro),
        cmocka_unit_test(fills_are_splitmix),
        cmocka_unit_test(keys_give_their_own_draws),
        cmocka_unit_test(uniform_draws_fill_the_interval),
        cmocka_unit_test(integers_are_even_and_in_range),
        cmocka_unit_test(normal_draws_have_their_moments),
        cmocka_unit_test(every_order_is_as_likely),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
