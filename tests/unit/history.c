#include "history/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* User 0: items 4 2 3 1 0, the third one a cold test item in the middle of its
 * training; user 1 nothing; user 2: one item. */
static const int32_t user[] = { 0, 0, 0, 0, 0, 2 };
static const int32_t item[] = { 4, 2, 3, 1, 0, 4 };
static const int64_t when[] = { 1, 5, 5, 6, 7, 0 };
static const uint8_t split[] = { 0, 0, 2, 0, 1, 0 };

static void windows_hold_what_may_be_known(void **state)
{
    struct history h;
    struct error e;
    int32_t w[3];

    (void)state;
    assert_int_equal(history_new(&h, user, item, when, split, 6, 3, 5, &e), 0);
    assert_int_equal(history_window(&h, 0, 3, SPLIT_TRAIN, 3, w), 2);
    assert_int_equal(w[0], 4);
    assert_int_equal(w[1], 2);
    assert_int_equal(history_window(&h, 0, 5, SPLIT_TEST, 3, w), 3);
    assert_int_equal(w[0], 3);
    assert_int_equal(w[2], 0);
    assert_int_equal(history_window(&h, 0, 0, SPLIT_TEST, 3, w), 0);
    assert_int_equal(history_window(&h, 1, h.first[2], SPLIT_TEST, 3, w), 0);
    assert_int_equal(history_target(&h, 0, SPLIT_TRAIN), 3);
    assert_int_equal(history_target(&h, 0, SPLIT_VALID), 4);
    assert_int_equal(history_target(&h, 0, SPLIT_TEST), 2);
    assert_int_equal(history_target(&h, 1, SPLIT_TRAIN), -1);
    assert_int_equal(history_training_rows(&h, 0), 3);
    history_free(&h);
}

/* What is history only is for those who predict held-out items, what is unused for
 * none. */
static void history_only_is_seen_but_not_trained_on(void **state)
{
    static const uint8_t marks[] = { 3, 3, 4, 0, 2, 3 };
    struct history h;
    struct error e;
    int64_t rows[5], *count;
    int32_t w[5];

    (void)state;
    assert_int_equal(history_new(&h, user, item, when, marks, 6, 3, 5, &e), 0);
    assert_int_equal(history_window(&h, 0, 5, SPLIT_TRAIN, 5, w), 1);
    assert_int_equal(w[0], 1);
    for (enum split s = SPLIT_VALID; s <= SPLIT_TEST; s++) {
        assert_int_equal(history_window(&h, 0, 4, s, 5, w), 3);
        assert_int_equal(w[0], 4);
        assert_int_equal(w[1], 2);
        assert_int_equal(w[2], 1);
    }
    assert_int_equal(history_training_rows(&h, 0), 1);
    assert_int_equal(history_training_list(&h, 0, rows), 1);
    assert_int_equal(rows[0], 3);
    assert_int_equal(history_target(&h, 2, SPLIT_TRAIN), -1);
    assert_int_equal(history_target(&h, 2, SPLIT_TEST), -1);
    count = history_popularity(&h);
    assert_int_equal(count[4], 0);
    assert_int_equal(count[1], 1);
    free(count);
    history_free(&h);
}

static void shuffled_windows_hold_the_same_items(void **state)
{
    enum { LONG = 20 };
    int32_t users[LONG] = { 0 }, items[LONG], plain[LONG], one[LONG], two[LONG];
    const uint64_t seeds[] = { 1, 2 };
    uint8_t splits[LONG] = { 0 };
    bool seen[LONG] = { false };
    struct history h;
    struct error e;

    (void)state;
    for (int i = 0; i < LONG; i++)
        items[i] = i;
    assert_int_equal(history_new(&h, users, items, NULL, splits, LONG, 1, LONG, &e), 0);
    assert_int_equal(history_window(&h, 0, LONG, SPLIT_TEST, 12, plain), 12);
    h.shuffle = &seeds[0];
    assert_int_equal(history_window(&h, 0, LONG, SPLIT_TRAIN, 12, one), 12);
    assert_memory_equal(one, plain, 12 * sizeof *one);
    assert_int_equal(history_window(&h, 0, LONG, SPLIT_TEST, 12, one), 12);
    h.shuffle = &seeds[1];
    assert_int_equal(history_window(&h, 0, LONG, SPLIT_TEST, 12, two), 12);
    assert_memory_not_equal(one, plain, 12 * sizeof *one);
    assert_memory_not_equal(one, two, 12 * sizeof *one);
    for (int i = 0; i < 12; i++)
        seen[one[i]] = true;
    for (int i = 0; i < 12; i++)
        assert_true(seen[plain[i]]);
    history_free(&h);
}

static void popularity_counts_training_only(void **state)
{
    static const int64_t want[] = { 0, 1, 1, 0, 2 };
    struct history h;
    struct error e;
    int64_t *count;

    (void)state;
    assert_int_equal(history_new(&h, user, item, when, split, 6, 3, 5, &e), 0);
    count = history_popularity(&h);
    assert_memory_equal(count, want, sizeof want);
    free(count);
    history_free(&h);
}

/* Changes one cell and expects a message with the words. */
static void refused(int32_t u5, int32_t i3, int64_t t2, uint8_t s1, const char *words)
{
    int32_t users[6], items[6];
    int64_t times[6];
    uint8_t splits[6];
    struct history h;
    struct error e;

    memcpy(users, user, sizeof user);
    memcpy(items, item, sizeof item);
    memcpy(times, when, sizeof when);
    memcpy(splits, split, sizeof split);
    users[5] = u5, items[3] = i3, times[2] = t2, splits[1] = s1;
    assert_int_equal(history_new(&h, users, items, times, splits, 6, 3, 5, &e), -1);
    if (!strstr(e.text, words))
        fail_msg("'%s' does not say '%s'", e.text, words);
}

static void wrong_columns_are_refused(void **state)
{
    (void)state;
    refused(3, 1, 5, 0, "inter.user: row 5: user 3, expected 0 to 2");
    refused(-1, 1, 5, 0, "inter.user: row 5");
    refused(2, 5, 5, 0, "inter.item: row 3: item 5, expected 0 to 4");
    refused(2, 1, 4, 0, "inter.time: row 2: time 4 after 5");
    refused(2, 1, 5, 5, "inter.split: row 1: split 5, expected 0 to 4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_hold_what_may_be_known),
        cmocka_unit_test(history_only_is_seen_but_not_trained_on),
        cmocka_unit_test(shuffled_windows_hold_the_same_items),
        cmocka_unit_test(popularity_counts_training_only),
        cmocka_unit_test(wrong_columns_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
