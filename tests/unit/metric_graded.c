/* Graded relevance: hand cases, and ties against the mean over all orders. */
#include "history/labels.h"
#include "metrics/metric_graded.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define TOL 1e-9 /* doubles, a few operations */

static const struct metric hr1 = { METRIC_HR, 1 };

static void near(double got, double want)
{
    if (!(fabs(got - want) <= TOL))
        fail_msg("%.12g, expected %.12g", got, want);
}

static struct metric ndcg(int k)
{
    return (struct metric){ METRIC_NDCG, k };
}

static void without_ties(void **state)
{
    const float rel[4] = { 3, 0, 1, 3 }, score[4] = { .1f, .9f, .5f, .3f };
    /* order: 1 (0), 2 (1), 3 (3), 0 (3) */
    double best = 3 + 3 / log2(3) + 1 / log2(4);

    (void)state;
    near(metric_graded_value(hr1, score, rel, 4), 0);
    near(metric_graded_value(hr1, rel, rel, 4), 1);
    near(metric_graded_value(ndcg(4), rel, rel, 4), 1);
    near(metric_graded_value(ndcg(2), rel, rel, 4), 1);
    near(metric_graded_value(ndcg(4), score, rel, 4),
         (1 / log2(3) + 3 / log2(4) + 3 / log2(5)) / best);
    near(metric_graded_value(ndcg(2), score, rel, 4), (1 / log2(3)) / (3 + 3 / log2(3)));
}

static void missing_scores_rank_last(void **state)
{
    const float rel[3] = { 5, 1, 0 }, score[3] = { NAN, -2, -1 };

    (void)state;
    near(metric_graded_value(hr1, score, rel, 3), 0);
    near(metric_graded_value(ndcg(3), score, rel, 3),
         (1 / log2(3) + 5 / log2(4)) / (5 + 1 / log2(3)));
}

/* The mean over all 24 orders of how ties may fall: scores a little apart. */
static double mean_over_orders(struct metric m, const float *score, const float *rel)
{
    double sum = 0;
    int orders = 0;

    for (int code = 0; code < 256; code++) {
        int place[4] = { code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 };
        float moved[4];
        int seen = 0;

        for (int i = 0; i < 4; i++)
            seen |= 1 << place[i];
        if (seen != 15)
            continue;
        for (int i = 0; i < 4; i++)
            moved[i] = score[i] + .001f * (float)place[i];
        sum += metric_graded_value(m, moved, rel, 4);
        orders++;
    }
    assert_int_equal(orders, 24);
    return sum / orders;
}

static void ties_are_means_over_orders(void **state)
{
    const float rel[4] = { 4, 4, 1, 0 };
    const float score[][4] = {
        { 0, 0, 0, 0 }, { 1, 0, 1, 0 }, { 0, 1, 1, 1 }, { 2, 1, 1, 0 }
    };

    (void)state;
    for (int i = 0; i < 4; i++) {
        near(metric_graded_value(hr1, score[i], rel, 4),
             mean_over_orders(hr1, score[i], rel));
        for (int k = 2; k <= 4; k++)
            near(metric_graded_value(ndcg(k), score[i], rel, 4),
                 mean_over_orders(ndcg(k), score[i], rel));
    }
}

static void labels_are_cut_and_counted(void **state)
{
    static const char *const rows[] = { "War  Drama", "", " Drama Drama ",
                                        "Art War Drama" };
    const int32_t user[] = { 0, 0, 0, 0, 1 }, item[] = { 0, 2, 3, 3, 1 };
    const uint8_t split[] = { 0, 0, 0, 2, 0 };
    float count[3] = { 0 };
    struct texts column = { 0 };
    struct history h;
    struct labels l;
    struct error e;

    (void)state;
    for (int i = 0; i < 4; i++)
        texts_add(&column, rows[i], strlen(rows[i]));
    assert_int_equal(labels_new(&l, &column, " ", &e), 0);
    assert_int_equal(l.label.count, 3);
    assert_string_equal(texts_at(&l.label, 0), "Art");
    assert_string_equal(texts_at(&l.label, 1), "Drama");
    assert_string_equal(texts_at(&l.label, 2), "War");
    assert_int_equal(history_new(&h, user, item, NULL, split, 5, 2, 4, &e), 0);
    labels_count(&l, &h, 0, count); /* items 0, 2, 3; the test item does not count */
    assert_true(count[0] == 1 && count[1] == 3 && count[2] == 2);
    labels_count(&l, &h, 1, count);
    assert_true(count[0] == 1 && count[1] == 3 && count[2] == 2);
    labels_free(&l);
    assert_int_equal(labels_new(&l, &column, "|", &e), 0); /* three whole rows differ */
    assert_int_equal(l.label.count, 3);
    labels_free(&l);
    history_free(&h);
    texts_free(&column);
}

static void one_label_is_none(void **state)
{
    struct texts column = { 0 };
    struct labels l;
    struct error e;

    (void)state;
    texts_add(&column, "Drama", 5);
    texts_add(&column, "", 0);
    assert_int_equal(labels_new(&l, &column, " ", &e), -1);
    assert_string_equal(e.text, "1 labels, expected at least 2");
    texts_free(&column);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_ties),
        cmocka_unit_test(missing_scores_rank_last),
        cmocka_unit_test(ties_are_means_over_orders),
        cmocka_unit_test(labels_are_cut_and_counted),
        cmocka_unit_test(one_label_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
