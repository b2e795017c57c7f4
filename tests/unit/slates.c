/* Training lists: who is in them, and who competes for whom. */
#include "prompt/slates.h"
#include "util/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

enum { USERS = 6, EACH = 5, ITEMS = 40, N = USERS * EACH };

static int32_t user[N], item[N];
static uint8_t split[N];
static struct history h;

/* User u has items u .. u + 3 in training, of which neighbours share most, and
 * u + 20 after. */
static int group_setup(void **state)
{
    struct error e;

    (void)state;
    for (int i = 0; i < N; i++) {
        user[i] = i / EACH;
        item[i] = i / EACH + (i % EACH < 4 ? i % EACH : 20);
        split[i] = i % EACH < 4 ? SPLIT_TRAIN : SPLIT_VALID;
    }
    return history_new(&h, user, item, NULL, split, N, USERS, ITEMS, &e);
}

static int group_teardown(void **state)
{
    (void)state;
    history_free(&h);
    return 0;
}

static struct example example_of(int u)
{
    int64_t row = history_target(&h, u, SPLIT_TRAIN);

    return (struct example){ u, h.item[row], row, NULL };
}

static bool in_training(int u, int i)
{
    return i >= u && i < u + 4;
}

static bool is_target(const struct slate *l, int i)
{
    for (int e = 0; e < l->examples; e++)
        if (l->example[e].target == i)
            return true;
    return false;
}

static void check_list(const struct slate *l)
{
    for (int i = 0; i < l->count; i++) {
        assert_in_range(l->candidate[i], 0, ITEMS - 1);
        for (int j = 0; j < i; j++)
            assert_int_not_equal(l->candidate[i], l->candidate[j]);
    }
    for (int e = 0; e < l->examples; e++) {
        const struct example *x = &l->example[e];

        assert_int_equal(l->candidate[l->target_at[e]], x->target);
        for (int i = 0; i < l->count; i++) {
            int c = l->candidate[i];
            bool want = c == x->target || (!is_target(l, c) && !in_training(x->user, c));

            assert_int_equal(l->admitted[e * l->count + i], want);
        }
    }
}

static void targets_and_masks(void **state)
{
    struct example examples[USERS];

    (void)state;
    for (int u = 0; u < USERS; u++)
        examples[u] = example_of(u);
    for (int n = 1; n <= USERS; n++)
        for (uint64_t seed = 0; seed < 50; seed++) {
            rng r = rng_keyed("test", seed, (uint64_t)n, 0);
            struct slate l;

            slate_draw(&l, examples, n, &h, 10, &r);
            assert_int_equal(l.count, n + 9);
            check_list(&l);
            slate_free(&l);
        }
}

static void two_examples_of_one_target(void **state)
{
    struct example examples[] = { example_of(2), example_of(4), example_of(4) };
    rng r = rng_keyed("test", 1, 0, 0);
    struct slate l;

    (void)state;
    slate_draw(&l, examples, 3, &h, 4, &r);
    assert_int_equal(l.count, 2 + 3);
    assert_int_equal(l.target_at[1], l.target_at[2]);
    check_list(&l);
    slate_free(&l);
}

/* Every item but the target comes as often, and the target stands anywhere. */
static void uniform(void **state)
{
    enum { DRAWS = 20000, K = 5 };
    struct example x = example_of(0);
    int seen[ITEMS] = { 0 }, place[K] = { 0 };
    double expected = DRAWS * (K - 1.) / (ITEMS - 1), chi = 0;

    (void)state;
    for (int d = 0; d < DRAWS; d++) {
        rng r = rng_keyed("test", 7, (uint64_t)d, 0);
        struct slate l;

        slate_draw(&l, &x, 1, &h, K, &r);
        for (int i = 0; i < l.count; i++)
            seen[l.candidate[i]]++;
        place[l.target_at[0]]++;
        slate_free(&l);
    }
    assert_int_equal(seen[x.target], DRAWS);
    for (int i = 0; i < ITEMS; i++)
        if (i != x.target)
            chi += (seen[i] - expected) * (seen[i] - expected) / expected;
    assert_true(chi < 70); /* 38 degrees of freedom: above once in a thousand seeds */
    for (int i = 0; i < K; i++)
        assert_in_range(place[i], DRAWS / K - 250, DRAWS / K + 250); /* 4 sigma: 226 */
}

static void a_small_catalogue_gives_fewer(void **state)
{
    struct example examples[] = { example_of(0), example_of(1), example_of(2) };
    rng r = rng_keyed("test", 1, 0, 0);
    struct slate l;

    (void)state;
    slate_draw(&l, examples, 3, &h, 1000, &r);
    assert_int_equal(l.count, ITEMS);
    check_list(&l);
    slate_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_and_masks),
        cmocka_unit_test(two_examples_of_one_target),
        cmocka_unit_test(uniform),
        cmocka_unit_test(a_small_catalogue_gives_fewer),
    };

    return cmocka_run_group_tests_name("lists", tests, group_setup, group_teardown);
}
