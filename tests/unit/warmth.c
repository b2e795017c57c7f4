#include "history/warmth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In training: item 0 once, 1 three times, 2 never (once in test), 3 once, 4 twice,
 * 5 once.  From the warmest: 1 4 0 3 5 2. */
static const int32_t user[] = { 0, 0, 0, 0, 1, 1, 1, 2, 2 };
static const int32_t item[] = { 0, 1, 4, 2, 1, 3, 4, 1, 5 };
static const uint8_t split[] = { 0, 0, 0, 2, 0, 0, 0, 0, 0 };

static struct history history(void)
{
    struct history h;
    struct error e;

    assert_int_equal(history_new(&h, user, item, NULL, split, 9, 3, 6, &e), 0);
    return h;
}

static void expect(const struct history *h, double warm, double cold, const char *want)
{
    uint8_t warmth[6];
    char got[7] = "";

    warmth_of_items(h, warm, cold, warmth);
    for (int i = 0; i < 6; i++)
        got[i] = warmth_names[warmth[i]][0];
    assert_string_equal(got, want);
}

static void shares_are_of_items_and_round_down(void **state)
{
    struct history h = history();

    (void)state;
    expect(&h, WARM_SHARE, COLD_SHARE, "mwcmwc"); /* floor(2.1) each */
    expect(&h, 0, 0, "mmmmmm");
    expect(&h, 1, 0, "wwwwww");
    expect(&h, .5, .5, "wwccwc"); /* 0, 3 and 5 tie: the lower id is the warmer */
    expect(&h, .1, .2, "mmcmmm");
    history_free(&h);
}

static void a_share_that_is_a_whole_number_is_all_of_it(void **state)
{
    enum { ITEMS = 100 };
    struct history h;
    struct error e;
    uint8_t warmth[ITEMS];
    int warm = 0;

    (void)state;
    assert_int_equal(history_new(&h, user, item, NULL, split, 9, 3, ITEMS, &e), 0);
    warmth_of_items(&h, .29, 0, warmth); /* .29 * 100 is 28.999999999999996 */
    for (int i = 0; i < ITEMS; i++)
        warm += warmth[i] == WARM_ITEM;
    assert_int_equal(warm, 29);
    history_free(&h);
}

static void numbers_put_equal_items_on_one_side(void **state)
{
    static const struct {
        struct warmth_rule rule;
        const char *want;
        int64_t border;
    } cases[] = {
        { { .5, .5, -1, -1 }, "wwccwc", 1 }, /* 0, 3 and 5 have one each */
        { { .5, .5, 2, 1 }, "cwccwc", -1 },
        { { .5, .5, 2, 0 }, "mwcmwm", -1 },
        { { .2, .5, -1, 1 }, "cwccmc", -1 },
        { { 0, 0, -1, -1 }, "mmmmmm", -1 },
    };
    struct history h = history();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t warmth[6];
        char got[7] = "";

        warmth_by_rule(&h, &cases[i].rule, warmth);
        for (int j = 0; j < 6; j++)
            got[j] = warmth_names[warmth[j]][0];
        assert_string_equal(got, cases[i].want);
        assert_int_equal(warmth_border(&h, warmth), cases[i].border);
    }
    history_free(&h);
}

/* e of item 3 is not there. */
static const float e[] = { 0, 10, 1, 11, 2, 12, 3, NAN, 4, 14, 5, 15 };
static const float q[] = { 100, 110, 101, 111, 102, 112, 103, 113, 104, 114, 105, 115 };

static void cold_unseen_and_missing_items_are_represented_by_text(void **state)
{
    struct history h = history();
    uint8_t text[6];

    (void)state;
    assert_int_equal(warmth_takes_text(&h, .35, e, 2, text), 3);
    assert_memory_equal(text, ((uint8_t[]){ 0, 0, 1, 1, 0, 1 }), 6);
    assert_int_equal(warmth_takes_text(&h, 0, e, 2, text), 2);
    assert_memory_equal(text, ((uint8_t[]){ 0, 0, 1, 1, 0, 0 }), 6);
    history_free(&h);
}

static void joint_vectors_are_of_either_kind(void **state)
{
    static const float want[] = { 0, 10, 1, 11, 102, 112, 103, 113, 4, 14, 105, 115 };
    struct history h = history();
    int texts;
    float *joint = warmth_joint(&h, .35, e, q, 2, &texts);

    (void)state;
    assert_int_equal(texts, 3);
    assert_memory_equal(joint, want, sizeof want);
    free(joint);
    history_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_of_items_and_round_down),
        cmocka_unit_test(a_share_that_is_a_whole_number_is_all_of_it),
        cmocka_unit_test(numbers_put_equal_items_on_one_side),
        cmocka_unit_test(cold_unseen_and_missing_items_are_represented_by_text),
        cmocka_unit_test(joint_vectors_are_of_either_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
