/* What a training step may see: its windows, targets and negatives. */
#include "cf/cf_batch.h"

#include "cf/cf_kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>

enum { USERS = 3, ITEMS = 40, EACH = 12, STEPS = 60, BATCH = 8 };

static int32_t user[USERS * EACH], item[USERS * EACH];
static uint8_t split[USERS * EACH];
static struct history h;

/* User u has items u, u + 3, u + 6 ...: no two users share one; the last two are
 * for validation and test. */
static int make(void **state)
{
    struct error e;

    (void)state;
    for (int i = 0; i < USERS * EACH; i++) {
        user[i] = i / EACH;
        item[i] = user[i] + USERS * (i % EACH);
        split[i] = i % EACH < EACH - 2 ? SPLIT_TRAIN : i % EACH == EACH - 2 ? SPLIT_VALID
                                                                            : SPLIT_TEST;
    }
    return history_new(&h, user, item, NULL, split, USERS * EACH, USERS, ITEMS, &e);
}

static int drop(void **state)
{
    (void)state;
    history_free(&h);
    return 0;
}

/* The last target of each window, as its place in the user's list; row by row
 * the target follows the input there. */
static void check_window(const struct cf_training *b, int w, bool *seen_end)
{
    int first = b->start[w], end = b->start[w + 1] - 1;

    assert_true(b->input[first] == -1 && b->target[first] == -1);
    for (int r = first + 1; r <= end; r++) {
        assert_int_equal(b->input[r] % USERS, b->user[w]);
        assert_int_equal(b->target[r], b->input[r] + USERS);
    }
    seen_end[b->target[end] / USERS] = true;
}

/* Draws many steps; says at which places of a list windows end. */
static void draw(struct cf_options o, bool *seen_end, bool *seen_negative)
{
    struct cf_trainer t;
    struct error e;

    o.width = 4, o.blocks = 1, o.heads = 1, o.maxlen = 5, o.batch = BATCH, o.seed = 9;
    assert_int_equal(cf_trainer_new(&t, &cf_sasrec, &o, &h, &e), 0);
    for (uint64_t step = 0; step < STEPS; step++) {
        struct cf_training *b = t.inner;
        int k = o.loss == CF_GBCE ? o.negatives : 1;

        cf_batch_draw(b, &t.lists, &o, step);
        if (seen_negative)
            cf_batch_negatives(b, &t.lists, &o, ITEMS, step, 0, BATCH);
        for (int w = 0; w < BATCH; w++)
            check_window(b, w, seen_end);
        for (int r = 0; seen_negative && r < b->rows; r++)
            for (int j = 0; j <= k && b->target[r] >= 0; j++)
                if (j == 0)
                    assert_int_equal(b->drawn[r * (k + 1)], b->target[r]);
                else
                    seen_negative[b->drawn[r * (k + 1) + j]] = true;
    }
    cf_trainer_free(&t);
}

static void last_windows_end_at_the_last_training_item(void **state)
{
    bool end[EACH] = { 0 };

    (void)state;
    draw((struct cf_options){ .windows = CF_LAST }, end, NULL);
    for (int i = 0; i < EACH; i++)
        assert_int_equal(end[i], i == EACH - 3);
}

static void random_windows_end_anywhere_in_training(void **state)
{
    bool end[EACH] = { 0 };

    (void)state;
    draw((struct cf_options){ .windows = CF_RANDOM }, end, NULL);
    for (int i = 0; i < EACH; i++)
        assert_int_equal(end[i], i >= 1 && i <= EACH - 3);
}

static void hidden_items_are_neither_input_nor_target(void **state)
{
    bool end[EACH] = { 0 };

    (void)state;
    draw((struct cf_options){ .windows = CF_RANDOM, .hide_last = 2 }, end, NULL);
    for (int i = 0; i < EACH; i++)
        assert_int_equal(end[i], i >= 1 && i <= EACH - 5);
}

/* Of one user alone: its training items never, every other item at some time,
 * its validation and test items among them, or they would leak. */
static void negatives_are_all_but_the_user_s_training_items(void **state)
{
    bool end[EACH] = { 0 }, negative[ITEMS] = { 0 };
    struct history whole = h;

    (void)state;
    h.users = 1;
    draw((struct cf_options){ .loss = CF_GBCE, .negatives = 4 }, end, negative);
    h = whole;
    for (int i = 0; i < ITEMS; i++)
        assert_int_equal(negative[i], !(i % USERS == 0 && i / USERS <= EACH - 3));
}

/* A step's own draw: n different items, other ones at another step. */
static void shared_negatives_are_different_items(void **state)
{
    struct cf_options o = { .loss = CF_GBCE, .shared = true, .negatives = 6, .width = 4,
                            .blocks = 1, .heads = 1, .maxlen = 5, .batch = BATCH };
    bool seen[ITEMS] = { 0 };
    struct cf_trainer t;
    struct error e;
    int distinct = 0;

    (void)state;
    assert_int_equal(cf_trainer_new(&t, &cf_sasrec, &o, &h, &e), 0);
    for (int step = 0; step < STEPS; step++) {
        const struct cf_shared *s = t.inner->shared;

        cf_trainer_step(&t);
        for (int j = 0; j < s->n; j++) {
            assert_int_equal(s->at[s->item[j]], j);
            seen[s->item[j]] = true;
        }
    }
    for (int i = 0; i < ITEMS; i++)
        distinct += seen[i];
    assert_int_equal(distinct, ITEMS);
    cf_trainer_free(&t);
}

/* With all items as negatives, of one user alone: nothing pushes the user's own training
 * items but as targets, and each other item is pushed. */
static void shared_negatives_spare_the_user_s_own_items(void **state)
{
    struct cf_options o = { .loss = CF_GBCE, .shared = true, .negatives = 1000,
                            .width = 4, .blocks = 1, .heads = 1, .maxlen = 5,
                            .batch = BATCH };
    struct history whole = h;
    struct cf_trainer t;
    struct error e;

    (void)state;
    h.users = 1;
    assert_int_equal(cf_trainer_new(&t, &cf_sasrec, &o, &h, &e), 0);
    cf_trainer_step(&t);
    assert_int_equal(t.inner->shared->n, ITEMS);
    for (int j = 0; j < ITEMS; j++) {
        int negative = t.inner->shared->item[j];
        bool pushed = false;

        for (int i = 0; i < o.width; i++)
            pushed |= t.inner->shared->dE[j * o.width + i] != 0;
        assert_int_equal(pushed,
                         !(negative % USERS == 0 && negative / USERS <= EACH - 3));
    }
    cf_trainer_free(&t);
    h = whole;
}

/* Vectors of nothing score 0, less the logarithm of the number of negatives, n. */
static void shared_negatives_begin_at_the_base_rate(void **state)
{
    struct cf_options o = { .loss = CF_GBCE, .shared = true, .negatives = 1000,
                            .item_std = 1e-12, .width = 4, .blocks = 1, .heads = 1,
                            .maxlen = 5, .batch = BATCH };
    double n = ITEMS, want = log(1 + n) + (n - (EACH - 2)) * log(1 + 1 / n);
    struct history whole = h;
    struct cf_trainer t;
    struct error e;

    (void)state;
    h.users = 1;
    assert_int_equal(cf_trainer_new(&t, &cf_sasrec, &o, &h, &e), 0);
    assert_true(fabs(cf_trainer_step(&t) - want) < 1e-4);
    cf_trainer_free(&t);
    h = whole;
}

static void touched_rows_have_places_in_their_order(void **state)
{
    int32_t id[] = { 7, -1, 3, 7, 9 };
    struct cf_touched t;

    (void)state;
    cf_touched_new(&t, 10, 100);
    assert_int_equal(t.room, 10);
    cf_touched_add(&t, id, 5);
    assert_true(id[0] == 0 && id[1] == -1 && id[2] == 1 && id[3] == 0 && id[4] == 2);
    assert_true(t.count == 3 && t.row[0] == 7 && t.row[1] == 3 && t.row[2] == 9);
    cf_touched_clear(&t);
    id[0] = 9;
    cf_touched_add(&t, id, 1);
    assert_true(t.count == 1 && id[0] == 0 && t.row[0] == 9 && t.place[7] == -1);
    cf_touched_free(&t);
}

static void no_user_with_two_items_is_an_error(void **state)
{
    struct cf_options o = { .width = 4, .blocks = 1, .heads = 1, .maxlen = 5, .batch = 2,
                            .hide_last = EACH };
    struct cf_trainer t;
    struct error e;

    (void)state;
    assert_int_equal(cf_trainer_new(&t, &cf_sasrec, &o, &h, &e), -1);
    assert_string_equal(e.text, "no user has two training items beside the hidden ones");
    cf_trainer_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(last_windows_end_at_the_last_training_item),
        cmocka_unit_test(random_windows_end_anywhere_in_training),
        cmocka_unit_test(hidden_items_are_neither_input_nor_target),
        cmocka_unit_test(negatives_are_all_but_the_user_s_training_items),
        cmocka_unit_test(shared_negatives_are_different_items),
        cmocka_unit_test(shared_negatives_spare_the_user_s_own_items),
        cmocka_unit_test(shared_negatives_begin_at_the_base_rate),
        cmocka_unit_test(touched_rows_have_places_in_their_order),
        cmocka_unit_test(no_user_with_two_items_is_an_error),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
