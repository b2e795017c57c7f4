/* Stage 1 around the loss: who is trained on what, and what the final table says. */
#include "align/align_examples.h"
#include "align/align_valid.h"
#include "align/joint_report.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#define EXACT_TOL 1e-6 /* cosines in float */

enum { USERS = 4, ITEMS = 5, ROWS = 13, EPOCHS = 400 };

/* User 0 trains on 3 1 0 (0 twice), validates on 4, tests on 2; user 1 knows all
 * items; user 2 has one; user 3 trains on 1 2. */
static const int32_t user[ROWS] = { 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 3 };
static const int32_t item[ROWS] = { 3, 1, 0, 0, 4, 2, 0, 1, 2, 3, 4, 2, 1 };
static const uint8_t split[ROWS] = { 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0 };

static real train[USERS], valid[USERS], inter[ROWS];

/* Vectors of width 1: a user's is 10 u, a row's its number; NaN before the first. */
static void set_up(struct history *h, struct align_examples *s, int targets)
{
    struct align_users x = { train, valid, inter, 1 };
    struct error e;

    assert_int_equal(history_new(h, user, item, NULL, split, ROWS, USERS, ITEMS, &e), 0);
    for (int u = 0; u < USERS; u++) {
        train[u] = u < 2 ? (real)(10 * u) : (real)NAN;
        valid[u] = u == 0 ? 5 : (real)NAN;
    }
    for (int i = 0; i < ROWS; i++)
        inter[i] = i == 0 || user[i] != user[i - 1] ? (real)NAN : (real)i;
    assert_int_equal(align_examples_new(s, h, &x, targets, false, &e), 0);
}

static void tear_down(struct history *h, struct align_examples *s)
{
    align_examples_free(s);
    history_free(h);
}

static void the_last_item_is_predicted_from_what_came_before(void **state)
{
    struct history h;
    struct align_examples s;

    (void)state;
    set_up(&h, &s, TARGETS_LAST);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.skipped, 1);
    align_examples_draw(&s, 1, 0);
    assert_int_equal(s.list[0].item, 0);
    assert_true(s.list[0].x == &train[0]);
    tear_down(&h, &s);
}

static void all_rows_with_a_past_are_targets(void **state)
{
    struct history h;
    struct align_examples s;
    int seen = 0;

    (void)state;
    set_up(&h, &s, TARGETS_ALL);
    assert_int_equal(s.count, 3);
    align_examples_draw(&s, 1, 0);
    for (long i = 0; i < s.count; i++) {
        int row = (int)*s.list[i].x;

        assert_int_equal(s.list[i].item, item[row]);
        seen |= 1 << row;
    }
    assert_int_equal(seen, 1 << 1 | 1 << 2 | 1 << 3);
    tear_down(&h, &s);
}

/* Every target comes, every item that is not a training item is a negative, and
 * each about as often: validation and test items too. */
static void random_targets_and_negatives(void **state)
{
    int targets[ROWS] = { 0 }, negatives[ITEMS] = { 0 };
    struct history h;
    struct align_examples s;

    (void)state;
    set_up(&h, &s, TARGETS_RANDOM);
    assert_int_equal(s.count, 1);
    for (uint64_t epoch = 0; epoch < EPOCHS; epoch++) {
        align_examples_draw(&s, 1, epoch);
        targets[(int)*s.list[0].x]++;
        negatives[s.list[0].negative]++;
    }
    for (int i = 1; i <= 3; i++)
        assert_in_range(targets[i], EPOCHS / 4, EPOCHS / 2);
    assert_int_equal(negatives[0] + negatives[1] + negatives[3], 0);
    assert_in_range(negatives[2], EPOCHS / 3, 2 * EPOCHS / 3);
    tear_down(&h, &s);
}

/* Items 1 to 4 have training interactions, 5 a test interaction, 0 none.  User 2 knows
 * most of the four, so that its negative is found by place. */
static void seen_negatives_have_training_interactions(void **state)
{
    static const int32_t users[] = { 0, 0, 0, 1, 1, 2, 2, 2 };
    static const int32_t items[] = { 1, 2, 5, 3, 4, 1, 2, 4 };
    static const uint8_t splits[] = { 0, 0, 2, 0, 0, 0, 0, 0 };
    static real before[] = { 0, 1, 2 };

    (void)state;
    for (int seen = 0; seen <= 1; seen++) {
        struct align_users x = { before, before, NULL, 1 };
        int negatives[3][6] = { { 0 } };
        struct align_examples s;
        struct history h;
        struct error e;

        assert_int_equal(history_new(&h, users, items, NULL, splits, 8, 3, 6, &e), 0);
        assert_int_equal(align_examples_new(&s, &h, &x, TARGETS_LAST, seen, &e), 0);
        assert_int_equal(s.count, 3);
        for (uint64_t epoch = 0; epoch < EPOCHS; epoch++) {
            align_examples_draw(&s, 1, epoch);
            for (long i = 0; i < s.count; i++)
                negatives[(int)*s.list[i].x][s.list[i].negative]++;
        }
        for (int u = 0; u < 3; u++) { /* all: 0, 5 and what other users have */
            int of_unseen = seen ? 0 : u == 2 ? EPOCHS / 3 : EPOCHS / 4;
            int of_seen = u == 2 ? EPOCHS - 2 * of_unseen : EPOCHS / 2 - of_unseen;

            for (int i = 0; i < 6; i++) {
                bool known = i > 0 && i < 5 &&
                             (u == 0   ? i <= 2
                              : u == 1 ? i > 2
                                       : i != 3);
                int want = known ? 0 : i == 0 || i == 5 ? of_unseen : of_seen;

                assert_in_range(negatives[u][i], want - want / 4, want + want / 4);
            }
        }
        tear_down(&h, &s);
    }
}

static void validation_is_the_same_each_time(void **state)
{
    struct align_example list[USERS];
    struct history h;
    struct align_examples s;

    (void)state;
    set_up(&h, &s, TARGETS_LAST);
    for (uint64_t seed = 0; seed < 20; seed++) {
        assert_int_equal(align_examples_valid(&s, seed, list), 1);
        assert_int_equal(list[0].item, 4);
        assert_int_equal(list[0].negative, 2);
        assert_true(list[0].x == &valid[0]);
    }
    tear_down(&h, &s);
}

/* What a tower's joint of x is decoded to, for vectors of width 1. */
static void decode(const struct align *m, const struct tower *t, const real *x, real *y)
{
    real joint[ITEMS * 3];

    tower_encode(t, m->p.values, joint, x, 1, ITEMS);
    tower_decode(&m->item, m->p.values, y, joint, ITEMS);
}

/* User 0 has had all but items 2 and 4, and is to find 4: NDCG is 1 or 0. */
static void validation_ranks_what_is_decoded(void **state)
{
    static const real E[ITEMS] = { 0, 0, 1, 0, -1 }, Q[ITEMS] = { 0, 0, 2, 0, 3 };
    struct align_options o = { .match = &match_off, .rec_loss = &rec_bce, .rec = 1,
                               .temperature = 1, .text_scale = 1 };
    struct tower_shape shape = { .in = 1, .joint = 3 };
    struct history h;
    struct align_examples s;
    struct align m;
    struct error e;
    int right = 0;

    (void)state;
    set_up(&h, &s, TARGETS_LAST);
    assert_int_equal(align_new(&m, &o, shape, shape, &e), 0);
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct align_valid v;
        real y[ITEMS], of_text[ITEMS];

        align_init(&m, seed);
        decode(&m, &m.item, E, y), decode(&m, &m.text, Q, of_text);
        m.o.rec_text = 0;
        v = align_valid_ndcg(&m, &s, E, Q, 0);
        assert_float_equal(v.e, y[4] > y[2], 0); /* the user's vector is 5 */
        assert_true(isnan(v.q));
        assert_float_equal(align_valid_worth(&v), v.e, 0);
        m.o.rec_text = 1;
        v = align_valid_ndcg(&m, &s, E, Q, 1);
        assert_float_equal(v.q, of_text[4] > of_text[2], 0);
        assert_float_equal(align_valid_worth(&v), (v.e + v.q) / 2, 0);
        right += v.e > 0;
    }
    assert_in_range(right, 1, 19);
    align_free(&m);
    tear_down(&h, &s);
}

static void near(double got, double want)
{
    if (!(fabs(got - want) <= EXACT_TOL))
        fail_msg("%.9g, expected %.9g", got, want);
}

enum { N = 40, WIDTH = 3 };

static void on_a_circle(float *v, double start)
{
    for (int i = 0; i < N; i++) {
        v[i * WIDTH] = (float)cos(.15 * i + start);
        v[i * WIDTH + 1] = (float)sin(.15 * i + start);
        v[i * WIDTH + 2] = 0;
    }
}

static void own_texts_are_found_where_they_are(void **state)
{
    float e[N * WIDTH], q[N * WIDTH];
    struct own_text own;

    (void)state;
    on_a_circle(e, 0);
    on_a_circle(q, .02);
    own = joint_report_own_text(e, q, N, WIDTH);
    near(own.at_1, 1);
    near(own.at_10, 1);
    near(own.chance_10, .25);
    on_a_circle(q, .15 * 3 + .01); /* three places off: at most six are nearer */
    own = joint_report_own_text(e, q, N, WIDTH);
    near(own.at_1, 0);
    near(own.at_10, 1);
}

static void a_collapsed_space_is_at_chance(void **state)
{
    float e[N * WIDTH], q[N * WIDTH];
    struct own_text own;
    struct spread s;

    (void)state;
    on_a_circle(e, 0);
    for (int i = 0; i < N * WIDTH; i++)
        q[i] = (float)(1 + i % WIDTH);
    own = joint_report_own_text(e, q, N, WIDTH);
    near(own.at_1, 1.0 / N);
    near(own.at_10, 10.0 / N);
    s = joint_report_spread(q, N, WIDTH);
    near(s.deviation, 0);
    near(s.mean_cosine, 1);
}

static void spread_by_hand(void **state)
{
    static const float v[] = { 1, 0, -1, 0, 0, 2, 0, -2 };
    struct spread s;

    (void)state;
    s = joint_report_spread(v, 4, 2);
    near(s.deviation, (sqrt(.5) + sqrt(2)) / 2);
    near(s.mean_cosine, -4.0 / 12); /* two opposite pairs, counted both ways */
}

static void joint_neighbours_of_odd_pairs(void **state)
{
    float cf[N * WIDTH], text[N * WIDTH];
    struct odd_pairs odd;

    (void)state;
    on_a_circle(cf, 0);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < WIDTH; j++)
            text[i * WIDTH + j] = (float)(j == i % WIDTH);
    odd = joint_report_odd_pairs(cf, WIDTH, text, WIDTH, cf, WIDTH, N, 1);
    assert_true(odd.pairs > 1000);
    near(odd.joined, 1);
    odd = joint_report_odd_pairs(cf, WIDTH, text, WIDTH, text, WIDTH, N, 1);
    assert_true(odd.joined < .1); /* far in text: in none but by a tie's share */
}

static void equal_cosines_are_no_neighbours(void **state)
{
    float cf[N * WIDTH], text[N * WIDTH], same[N * WIDTH];
    struct odd_pairs odd;

    (void)state;
    on_a_circle(cf, 0);
    on_a_circle(text, 1);
    for (int i = 0; i < N * WIDTH; i++)
        same[i] = (float)(i % WIDTH == 0);
    odd = joint_report_odd_pairs(cf, WIDTH, same, WIDTH, cf, WIDTH, N, 1);
    assert_true(odd.joined > .99 && odd.joined <= 1); /* the circle has ties as well */
    assert_in_range(odd.pairs, 1900, 2100); /* a tenth of a tenth of 200,000 */
    odd = joint_report_odd_pairs(cf, WIDTH, same, WIDTH, same, WIDTH, N, 1);
    near(odd.joined, .1);
    odd = joint_report_odd_pairs(cf, WIDTH, text, WIDTH, cf, WIDTH, N, 1);
    assert_int_equal(odd.pairs, 0); /* what is near in one is near in the other */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_item_is_predicted_from_what_came_before),
        cmocka_unit_test(all_rows_with_a_past_are_targets),
        cmocka_unit_test(random_targets_and_negatives),
        cmocka_unit_test(seen_negatives_have_training_interactions),
        cmocka_unit_test(validation_is_the_same_each_time),
        cmocka_unit_test(validation_ranks_what_is_decoded),
        cmocka_unit_test(own_texts_are_found_where_they_are),
        cmocka_unit_test(a_collapsed_space_is_at_chance),
        cmocka_unit_test(spread_by_hand),
        cmocka_unit_test(joint_neighbours_of_odd_pairs),
        cmocka_unit_test(equal_cosines_are_no_neighbours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
