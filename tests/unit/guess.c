/* The guess about a list of candidates: its weights, its soft tokens, and the labels
 * that training takes from the same scores. */
#include "project/guess.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TOL 1e-5 /* float sums of four numbers */

enum { N = 4, WIDTH = 3 };

/* Scores of x = 1 are these. */
static const float item[N] = { 1, 3, 0, 2 };
static const float x[1] = { 1 };
static const struct example user = { .x = x };
static const int candidate[N] = { 0, 1, 2, 3 }, slot[N] = { 0, 1, 2, 3 };
static const real y[N * WIDTH] = { 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 1, 1 };
static const struct item_scorer scorer = { .by = BY_CF, .items = N, .width = 1,
                                           .item = item, .is_dot = true };

static void near(double got, double want)
{
    if (!(fabs(got - want) <= TOL))
        fail_msg("%g, expected %g", got, want);
}

static void temperatures_from_a_list(void **state)
{
    struct guess g;

    (void)state;
    assert_int_equal(guess_parse(&g, "inf,2,0.7,0"), 0);
    assert_int_equal(g.count, 4);
    assert_true(isinf(g.temperature[0]));
    near(g.temperature[2], .7);
    assert_int_equal(guess_parse(&g, ""), -1);
    assert_int_equal(guess_parse(&g, "1,"), -1);
    assert_int_equal(guess_parse(&g, "-1"), -1);
    assert_int_equal(guess_parse(&g, "nan"), -1);
    assert_int_equal(guess_parse(&g, "1;2"), -1);
    assert_int_equal(guess_parse(&g, "1,2,3,4,5"), -1);
}

static void one_hypothesis_at_a_time(void **state)
{
    static const bool admitted[N] = { true, true, false, true };
    double p[N], sum = exp(1) + exp(3) + exp(2);
    real out[WIDTH];
    struct guess_row r;
    struct guess g;

    (void)state;
    assert_int_equal(guess_parse(&g, "each"), 0);
    assert_true(g.each && g.count == 1);
    g.scorer = &scorer;
    guess_belief(p, &g, &user, candidate, admitted, N);
    for (int c = 0; c < N; c++)
        near(p[c], admitted[c] ? exp(item[c]) / sum : 0);
    assert_int_equal(guess_parse(&g, "each:inf"), 0);
    guess_belief(p, &g, &user, candidate, admitted, N);
    for (int c = 0; c < N; c++)
        near(p[c], admitted[c] ? 1. / 3 : 0);
    guess_row_hypothesis(&r, slot, N, 2);
    guess_forward(out, &r, 1, y, WIDTH);
    near(out[0], 0);
    near(out[2], sqrt((1 + 4 + 9 + 3) / 4.)); /* y's own direction, the list's length */
    guess_row_free(&r);
    assert_int_equal(guess_parse(&g, "each:"), -1);
    assert_int_equal(guess_parse(&g, "each:-1"), -1);
    assert_int_equal(guess_parse(&g, "each,1"), -1);
}

/* Items' texts are 1, 2, 4, 8; the user has had items 0 to 3 in this order. */
static void texts_of_what_came_before(void **state)
{
    static const int32_t user_of[N] = { 0 }, had[N] = { 0, 1, 2, 3 };
    static const uint8_t split[N] = { 0, 0, 1, 2 };
    static const float both[2 * N] = { 1, .1f, 3, .2f, 0, .4f, 2, .8f };
    static const float text[N] = { 1, 2, 4, 8 }, h_before[N + 1] = { 0, 1, 1.5, 7 / 3.f,
                                                                     15 / 4.f };
    struct item_scorer texts = { .by = BY_FUSED, .items = N, .width = 2, .text_width = 1,
                                 .item = both, .text = text, .is_dot = true };
    struct guess g = { .count = 1, .temperature = { 1 }, .scorer = &texts, .each = true };
    struct history h;
    struct error e;
    double p[N], s[N];

    (void)state;
    assert_int_equal(history_new(&h, user_of, had, NULL, split, N, 1, N, &e), 0);
    for (int known = 0; known <= 1; known++)
        for (int row = 0; row <= N; row++) {
            struct example u = { .user = 0, .row = row, .x = x };
            double sum = 0;

            g.history = known ? &h : NULL;
            guess_belief(p, &g, &u, candidate, NULL, N);
            for (int c = 0; c < N; c++)
                sum += s[c] = exp(both[2 * c] + both[2 * c + 1] * known * h_before[row]);
            for (int c = 0; c < N; c++)
                near(p[c], s[c] / sum);
        }
    history_free(&h);
}

/* Users 0 and 1 have had other items, of other texts. */
static void drawn_texts_are_of_no_history(void **state)
{
    static const int32_t user_of[N] = { 0, 0, 1, 1 }, had[N] = { 0, 1, 2, 3 };
    static const int32_t swapped[N] = { 2, 3, 0, 1 };
    static const uint8_t split[N] = { 0 };
    static const float both[2 * N] = { 1, .1f, 3, .2f, 0, .4f, 2, .8f };
    static const float text[N] = { 1, 2, 4, 8 };
    const struct item_scorer texts = { .by = BY_FUSED, .items = N, .width = 2,
                                       .text_width = 1, .item = both, .text = text,
                                       .is_dot = true };
    const uint64_t seed[2] = { 1, 2 };
    double p[2][2][N]; /* of the history, of the seed */

    (void)state;
    for (int swap = 0; swap < 2; swap++)
        for (int drawn = 0; drawn < 2; drawn++) {
            struct guess g = { .count = 1, .temperature = { 1 }, .scorer = &texts,
                               .drawn = &seed[drawn] };
            struct example u = { .user = 0, .row = 2, .x = x };
            struct history h;
            struct error e;
            double h_text;

            assert_int_equal(
                history_new(&h, user_of, swap ? swapped : had, NULL, split, N, 2, N, &e),
                0);
            g.history = &h;
            guess_belief(p[swap][drawn], &g, &u, candidate, NULL, N);
            /* log p1/p0 = (3 - 1) + (.2 - .1) h: h is a mean of texts, and not 0 */
            h_text = (log(p[swap][drawn][1] / p[swap][drawn][0]) - 2) / .1;
            assert_true(h_text > 1 - TOL && h_text < 8 + TOL);
            history_free(&h);
        }
    assert_memory_equal(p[0], p[1], sizeof p[0]);
    assert_memory_not_equal(p[0][0], p[0][1], sizeof p[0][0]);
}

static void no_score_is_the_mean_of_the_others(void **state)
{
    static const float lost[N] = { 1, NAN, 0, 2 };
    static const float nothing[N] = { NAN, NAN, NAN, NAN };
    struct item_scorer m = scorer;
    double p[N], sum = exp(1) + exp(1) + exp(0) + exp(2);
    struct guess g;

    (void)state;
    assert_int_equal(guess_parse(&g, "each"), 0);
    g.scorer = &m;
    m.item = lost;
    guess_belief(p, &g, &user, candidate, NULL, N);
    near(p[1], exp(1) / sum);
    near(p[3], exp(2) / sum);
    m.item = nothing;
    guess_belief(p, &g, &user, candidate, NULL, N);
    near(p[0], .25);
}

static void weights_of_each_temperature(void **state)
{
    const struct guess g = { 3, { 0, 1, INFINITY }, &scorer };
    double sum = exp(1) + exp(3) + exp(0) + exp(2);
    struct guess_row r;

    (void)state;
    guess_row_new(&r, &g, &user, candidate, slot, NULL, N);
    for (int c = 0; c < N; c++) {
        near(r.weight[c], c == 1);
        near(r.weight[N + c], exp(item[c]) / sum);
        near(r.weight[2 * N + c], item[c] - 1.5);
    }
    guess_row_free(&r);
}

/* The targets of other users of the list. */
static void who_is_not_admitted_takes_no_part(void **state)
{
    const bool admitted[N] = { true, false, true, false };
    const struct guess g = { 3, { 0, 1, INFINITY }, &scorer };
    real out[3 * WIDTH];
    double label[N];
    struct guess_row r;

    (void)state;
    guess_row_new(&r, &g, &user, candidate, slot, admitted, N);
    near(r.weight[0], 1);
    near(r.weight[N], exp(1) / (exp(1) + 1));
    near(r.weight[2 * N], .5);
    near(r.weight[2 * N + 2], -.5);
    for (int k = 0; k < 3; k++)
        near(r.weight[k * N + 1], 0);
    guess_forward(out, &r, 3, y, WIDTH);
    for (int k = 0; k < 3; k++)
        near(out[k * WIDTH + 1], 0); /* only y of candidate 1 has it */
    guess_row_free(&r);
    guess_labels(label, &g, &user, candidate, admitted, N, 2, .25);
    near(label[0], .25 * exp(1) / (exp(1) + 1));
    near(label[1], 0);
    near(label[2], .75 + .25 / (exp(1) + 1));
}

/* The best candidate's own direction, as long as tokens are on average. */
static void as_long_as_the_candidates(void **state)
{
    const struct guess g = { 1, { 0 }, &scorer };
    real out[WIDTH];
    struct guess_row r;

    (void)state;
    guess_row_new(&r, &g, &user, candidate, slot, NULL, N);
    guess_forward(out, &r, 1, y, WIDTH);
    near(out[0], 0);
    near(out[1], sqrt((1 + 4 + 9 + 3) / 4.));
    near(out[2], 0);
    guess_row_free(&r);
}

/* Equal scores say nothing: no direction, and no gradient. */
static void equal_scores_are_no_guess(void **state)
{
    static const float equal[N] = { 2, 2, 2, 2 };
    const struct item_scorer all = { .by = BY_CF, .items = N, .width = 1, .item = equal };
    const struct guess g = { 1, { INFINITY }, &all };
    real out[WIDTH], dout[WIDTH] = { 1, 2, 3 }, dy[N * WIDTH] = { 0 };
    struct guess_row r;

    (void)state;
    guess_row_new(&r, &g, &user, candidate, slot, NULL, N);
    guess_forward(out, &r, 1, y, WIDTH);
    guess_backward(dy, &r, 1, y, dout, WIDTH);
    for (int j = 0; j < WIDTH; j++)
        near(out[j], 0);
    for (int j = 0; j < N * WIDTH; j++)
        near(dy[j], 0);
    guess_row_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(temperatures_from_a_list),
        cmocka_unit_test(weights_of_each_temperature),
        cmocka_unit_test(who_is_not_admitted_takes_no_part),
        cmocka_unit_test(as_long_as_the_candidates),
        cmocka_unit_test(one_hypothesis_at_a_time),
        cmocka_unit_test(texts_of_what_came_before),
        cmocka_unit_test(drawn_texts_are_of_no_history),
        cmocka_unit_test(no_score_is_the_mean_of_the_others),
        cmocka_unit_test(equal_scores_are_no_guess),
    };

    return cmocka_run_group_tests_name("guess", tests, NULL, NULL);
}
