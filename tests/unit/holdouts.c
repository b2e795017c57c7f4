#include "data/holdouts.h"
#include "data/splits.h"
#include "history/sample.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

/* Items by user: user 0 of five, 1 of three, 2 of two, 3 of six. */
static const int32_t user[] = { 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 3 };
static const int32_t item[] = { 0, 1, 2, 3, 4, 4, 0, 2, 1, 3, 5, 0, 1, 5, 2, 4 };
enum { ROWS = sizeof item / sizeof *item, USERS = 4, ITEMS = 6 };

static struct history history(void)
{
    struct history h;
    struct error e;

    assert_int_equal(history_new(&h, user, item, NULL, NULL, ROWS, USERS, ITEMS, &e), 0);
    return h;
}

static void expect(const uint8_t *split, const char *want)
{
    char got[ROWS + 1] = "";

    for (int i = 0; i < ROWS; i++)
        got[i] = (char)('0' + split[i]);
    assert_string_equal(got, want);
}

/* Does the user have another item before row i? */
static bool another_before(const struct history *h, int64_t i)
{
    for (int64_t j = h->first[user[i]]; j < i; j++)
        if (item[j] != item[i])
            return true;
    return false;
}

/* Which item it is, is drawn: what must hold is checked for each seed. */
static void a_cold_item_is_nowhere_but_in_test(void **state)
{
    struct history h = history();
    int seen[ITEMS] = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        uint8_t split[ROWS];
        struct holdout out = holdout_items(&h, 1, 1, seed, split);
        int cold = -1, tested[USERS] = { 0 }, tests = 0, unused = 0;

        for (int i = 0; i < ROWS; i++)
            if (split[i] >= SPLIT_TEST) {
                assert_true(cold < 0 || cold == item[i]);
                cold = item[i];
            }
        for (int i = 0; i < ROWS; i++) {
            assert_true((item[i] == cold) == (split[i] >= SPLIT_TEST));
            unused += split[i] == SPLIT_UNUSED;
            tests += split[i] == SPLIT_TEST;
            tested[user[i]] += split[i] == SPLIT_TEST;
            if (split[i] == SPLIT_TEST)
                assert_true(another_before(&h, i));
        }
        for (int u = 0; u < USERS; u++)
            assert_true(tested[u] <= 1);
        assert_int_equal(out.held, 1);
        assert_int_equal(out.of, ITEMS);
        assert_int_equal(out.tested, tests);
        assert_int_equal(out.unused, unused);
        seen[cold]++;
    }
    for (int i = 0; i < ITEMS; i++)
        assert_true(seen[i] > 0);
    history_free(&h);
}

/* Of items that are all held out but one: of several targets the last, others unused,
 * and validation where three remain. */
static void the_last_cold_item_after_a_known_one_is_the_target(void **state)
{
    struct history h = history();
    uint8_t split[ROWS];
    struct holdout out = holdout_items(&h, ITEMS, 1, 1, split);

    (void)state;
    assert_int_equal(out.held, 0);
    assert_int_equal(out.of, ITEMS);
    for (uint64_t seed = 1; seed <= 40; seed++) {
        int known = -1;

        out = holdout_items(&h, ITEMS - 1, 1, seed, split);
        for (int i = 0; i < ROWS; i++)
            if (split[i] < SPLIT_TEST)
                known = item[i];
        if (known == 0) {
            expect(split, "0444240244404442");
            assert_int_equal(out.tested, 3);
            out = holdout_items(&h, ITEMS - 1, 3, seed, split);
            expect(split, "0422240244404222");
            assert_int_equal(out.tested, 3);
        } else if (known == 5) { /* user 3 alone, twice */
            expect(split, "4444444444044042");
            assert_int_equal(out.unused, 13);
        }
    }
    history_free(&h);
}

static void cold_users_are_those_of_one_length(void **state)
{
    struct history h = history();
    uint8_t split[ROWS];
    struct holdout out = holdout_users(&h, 3, 0, 1, split);

    (void)state;
    expect(split, "0000133200000001");
    assert_int_equal(out.held, 1);
    assert_int_equal(out.unused, 0);
    out = holdout_users(&h, 4, 0, 1, split);
    assert_int_equal(out.held, 0);
    history_free(&h);
}

static void cut_users_keep_their_first(void **state)
{
    struct history h = history();
    uint8_t split[ROWS];
    struct holdout out = holdout_users(&h, 5, 2, 1, split); /* users 0 and 3 */

    (void)state;
    expect(split, "3333200100333324");
    assert_int_equal(out.held, 2);
    assert_int_equal(out.of, 2);
    assert_int_equal(out.unused, 1);
    out = holdout_users(&h, 2, 4, 1, split);
    expect(split, "3244432432324444");
    out = holdout_users(&h, 5, 3, 1, split);
    assert_int_equal(out.held, 0);
    assert_int_equal(out.of, 2);
    history_free(&h);
}

static void few_train_and_all_are_tested(void **state)
{
    struct history h = history();
    uint8_t whole[ROWS], split[ROWS];
    struct holdout out;
    int trains = 0;

    (void)state;
    split_leave_out(&h, 2, whole);
    expect(whole, "0012200000000122");
    split_leave_one_out(&h, whole);
    expect(whole, "0001201200000012");
    memcpy(split, whole, ROWS);
    out = holdout_few_shot(&h, 3, 1, split);
    expect(split, "0001201233000012"); /* user 2 has no test */
    assert_int_equal(out.held, 3);
    memcpy(split, whole, ROWS);
    out = holdout_few_shot(&h, 1, 1, split);
    for (int u = 0; u < USERS; u++) {
        int64_t last = h.first[u + 1] - 1;
        bool all = memcmp(split + h.first[u], whole + h.first[u],
                          (size_t)(last + 1 - h.first[u])) == 0;

        trains += all;
        for (int64_t i = h.first[u]; !all && i <= last; i++)
            assert_int_equal(split[i],
                             whole[i] == SPLIT_TEST ? SPLIT_TEST : SPLIT_HISTORY);
    }
    assert_int_equal(trains, 1);
    out = holdout_few_shot(&h, 4, 1, split);
    assert_int_equal(out.held, 0);
    assert_int_equal(out.of, 3);
    history_free(&h);
}

static void small_samples_are_parts_of_large_ones(void **state)
{
    int32_t small[50], large[50];
    int at = 0;

    (void)state;
    for (int i = 0; i < 50; i++)
        small[i] = large[i] = 3 * i;
    assert_int_equal(sample_ids("a", small, 50, 8, 3), 8);
    assert_int_equal(sample_ids("a", large, 50, 20, 3), 20);
    for (int i = 0; i < 20; i++) {
        assert_true(i == 0 || large[i] > large[i - 1]);
        if (at < 8 && large[i] == small[at])
            at++;
    }
    assert_int_equal(at, 8);
    assert_int_equal(sample_ids("a", large, 20, 99, 3), 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cold_item_is_nowhere_but_in_test),
        cmocka_unit_test(the_last_cold_item_after_a_known_one_is_the_target),
        cmocka_unit_test(cold_users_are_those_of_one_length),
        cmocka_unit_test(cut_users_keep_their_first),
        cmocka_unit_test(few_train_and_all_are_tested),
        cmocka_unit_test(small_samples_are_parts_of_large_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
