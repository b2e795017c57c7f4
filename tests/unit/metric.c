#include "cand/truth.h"
#include "evaluation/evaluation.h"
#include "evaluation/metric_list.h"
#include "history/same_titles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EXACT 1e-12 /* sums of at most 100 terms of about 1 in double */

static const struct metric hr1 = { METRIC_HR, 1 }, hr3 = { METRIC_HR, 3 },
                           hr10 = { METRIC_HR, 10 }, ndcg3 = { METRIC_NDCG, 3 },
                           ndcg10 = { METRIC_NDCG, 10 }, mrr = { METRIC_MRR, 0 };

static void near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("got %.12g, expected %.12g within %g", got, want, tolerance);
}

/* The place of item 7 among five candidates. */
static struct place place(float a, float b, float truth, float d, float e)
{
    static const int32_t item[] = { 3, 9, 7, 1, 0 };
    const float score[] = { a, b, truth, d, e };

    return metric_place(score, item, 5, truth_column(item, 5, 7));
}

static void hand_cases(void **state)
{
    (void)state;
    near(metric_value(hr1, place(1, 2, 9, 3, 4)), 1, 0);
    near(metric_value(ndcg10, place(1, 2, 9, 3, 4)), 1, 0);
    near(metric_value(hr1, place(1, 2, 3, 4, 0)), 0, 0);
    near(metric_value(ndcg10, place(1, 2, 3, 4, 0)), 1 / log2(3), EXACT);
    near(metric_value(mrr, place(1, 2, 3, 4, 0)), .5, 0);
    near(metric_value(hr3, place(6, 5, 3, 4, 0)), 0, 0);
    near(metric_value(ndcg3, place(6, 5, 3, 4, 0)), 0, 0);
    near(metric_value(ndcg10, place(6, 5, 3, 4, 0)), 1 / log2(5), EXACT);
    near(metric_value(mrr, place(6, 5, 3, 4, 7)), .2, EXACT);
    near(metric_mean_rank(place(6, 5, 3, 4, 7)), 5, 0);
    near(metric_value(hr1, place(-INFINITY, -2, -1, -3, -INFINITY)), 1, 0);
}

static void ties_share_their_places(void **state)
{
    struct place p = place(5, 3, 3, 3, 1); /* one of the places 2, 3, 4 */

    (void)state;
    assert_int_equal(p.above, 1);
    assert_int_equal(p.tied, 3);
    near(metric_mean_rank(p), 3, 0);
    near(metric_value(hr1, p), 0, 0);
    near(metric_value(hr3, p), 2. / 3, EXACT);
    near(metric_value(ndcg3, p), (1 / log2(3) + 1 / log2(4)) / 3, EXACT);
    near(metric_value(mrr, p), (1. / 2 + 1. / 3 + 1. / 4) / 3, EXACT);
    near(metric_value(hr1, place(3, 1, 3, 1, 1)), .5, 0);
}

/* Whole catalogues tie by the hundred thousand: then closed forms stand in for sums. */
static void many_ties_are_sums_as_well(void **state)
{
    static const struct place places[] = { { 0, 5000, true }, { 3, 300000, true },
                                           { 2000, 4097, true }, { 999, 100000, true },
                                           { 1000, 100000, true }, { 8, 4096, true } };

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        double sums[3] = { 0 };
        struct place p = places[i];

        for (int rank = p.above + 1; rank <= p.above + p.tied; rank++) {
            sums[0] += 1. / rank;
            sums[1] += rank <= 10 ? 1 / log2(rank + 1.) : 0;
            sums[2] += rank <= 10;
        }
        near(metric_value(mrr, p) * p.tied / sums[0], 1, 1e-12);
        near(metric_value(ndcg10, p), sums[1] / p.tied, EXACT);
        near(metric_value(hr10, p), sums[2] / p.tied, EXACT);
    }
}

/* A cut-off beyond all of them leaves none out. */
static void many_ties_within_a_cut_off_count_all(void **state)
{
    struct place p = { 0, 5000, true };
    double sum = 0;

    (void)state;
    for (int rank = 1; rank <= 5000; rank++)
        sum += 1 / log2(rank + 1.);
    near(metric_value((struct metric){ METRIC_HR, 6000 }, p), 1, EXACT);
    near(metric_value((struct metric){ METRIC_NDCG, 5000 }, p), sum / 5000, EXACT);
}

static void every_metric_has_a_name_and_a_value(void **state)
{
    char names[METRIC_NAMES_TEXT];

    (void)state;
    metric_kind_names(names);
    for (int i = 0; i < METRICS; i++) {
        enum metric_kind kind = (enum metric_kind)i;
        const char *name = metric_kind_name(kind);
        struct metric m = { kind, metric_has_cut(kind) ? 3 : 0 };

        assert_non_null(strstr(names, name));
        assert_int_equal(metric_kind_find(name, strlen(name)), i);
        if (!metric_is_toplist(kind))
            near(metric_value(m, (struct place){ 0, 1, true }), 1, EXACT);
        assert_true(metric_is_toplist(kind) || !metric_is_whole(kind));
    }
}

static void missing_scores_rank_last(void **state)
{
    struct place p = place(5, NAN, NAN, -INFINITY, 1); /* 4 or 5 */

    (void)state;
    assert_int_equal(p.above, 3);
    assert_int_equal(p.tied, 2);
    near(metric_value(mrr, p), (1. / 4 + 1. / 5) / 2, EXACT);
    near(metric_value(hr1, place(NAN, NAN, -INFINITY, NAN, NAN)), 1, 0);
    p = place(NAN, NAN, NAN, NAN, NAN);
    assert_false(p.scored);
    near(metric_value(hr10, p), 0, 0);
    near(metric_value(mrr, p), 0, 0);
}

static void padding_does_not_count(void **state)
{
    static const int32_t item[] = { -1, 9, 7, -1 };
    static const float score[] = { 8, 1, 2, NAN };
    struct place p = metric_place(score, item, 4, 2);

    (void)state;
    assert_int_equal(p.above, 0);
    assert_int_equal(p.tied, 1);
    near(metric_value(hr1, metric_place_by_chance(item, 4)), .5, 0);
}

static void truth_is_found_once(void **state)
{
    static const int32_t item[] = { 4, 2, 4, 0 };

    (void)state;
    assert_int_equal(truth_column(item, 4, 0), 3);
    assert_int_equal(truth_column(item, 4, 9), -1);
    assert_int_equal(truth_column(item, 4, 4), -2);
}

/* The figures of ALGORITHM.md, to its four digits. */
static void chance_is_what_it_is_known_to_be(void **state)
{
    int32_t item[100];
    float same[100] = { 0 };

    (void)state;
    for (int i = 0; i < 100; i++)
        item[i] = i;
    near(metric_value(hr1, metric_place_by_chance(item, 20)), .05, EXACT);
    near(metric_value(ndcg10, metric_place_by_chance(item, 20)), .2272, 5e-5);
    near(metric_value(hr10, metric_place_by_chance(item, 100)), .10, EXACT);
    near(metric_value(ndcg10, metric_place_by_chance(item, 100)), .0454, 5e-5);
    for (int truth = 0; truth < 100; truth += 33) {
        struct place p = metric_place(same, item, 100, truth);

        near(metric_value(ndcg10, p),
             metric_value(ndcg10, metric_place_by_chance(item, 100)), 0);
    }
}

static void lists_share_their_last_places(void **state)
{
    static const int32_t item[] = { 4, 2, -1, 7, 9, 5 };
    const float score[] = { 3, 8, 99, 3, NAN, 3 };
    static const double first3[] = { 2. / 3, 1, 0, 2. / 3, 0, 2. / 3 };
    double share[6];
    float room[6];

    (void)state;
    assert_int_equal(metric_toplist_shares(share, score, item, 6, 3, room), 3);
    for (int j = 0; j < 6; j++)
        near(share[j], first3[j], EXACT);
    assert_int_equal(metric_toplist_shares(share, score, item, 6, 9, room), 5);
    for (int j = 0; j < 6; j++)
        near(share[j], j != 2, 0);
    assert_int_equal(metric_toplist_shares(share, NULL, item, 6, 2, room), 2);
    for (int j = 0; j < 6; j++)
        near(share[j], j != 2 ? .4 : 0, EXACT);
}

/* Training counts 4, 0, 2, 2 of 8. */
static void popularity_by_hand(void **state)
{
    static const int32_t user[] = { 0, 0, 0, 0, 0, 1, 1, 1, 1, 1 };
    static const int32_t item[] = { 0, 0, 2, 3, 1, 0, 0, 2, 3, 1 };
    static const uint8_t split[] = { 0, 0, 0, 0, 2, 0, 0, 0, 0, 1 };
    static const double bits[] = { 1, 3, 2, 2 };
    struct history h;
    struct error e;
    struct popularity p;

    (void)state;
    assert_int_equal(history_new(&h, user, item, NULL, split, 10, 2, 4, &e), 0);
    p = popularity_of(&h);
    for (int i = 0; i < 4; i++) {
        near(p.information[i], bits[i], EXACT);
        assert_int_equal(p.popular[i], i == 0); /* .4 of an item is one */
    }
    popularity_free(&p);
    history_free(&h);
}

static void measures_are_parsed(void **state)
{
    static const long k[] = { 1, 10 };
    static const char *const want[] = { "ndcg@1", "map@1", "ndcg@10", "map@10", "mrr" };
    struct metric *m, back;
    struct error e;
    char name[32];

    (void)state;
    assert_int_equal(metric_list_parse("mrr,ndcg,map", k, 2, &m, &e), 5);
    for (int i = 0; i < 5; i++) {
        assert_string_equal(metric_name(m[i], name, sizeof name), want[i]);
        assert_int_equal(metric_parse(name, &back), 0);
        assert_int_equal(back.kind, m[i].kind);
        assert_int_equal(back.k, m[i].k);
    }
    free(m);
    assert_int_equal(metric_list_parse("hr,", k, 2, &m, &e), -1);
    assert_int_equal(metric_parse("mrr@3", &back), -1);
    assert_int_equal(metric_parse("hr", &back), -1);
    assert_int_equal(metric_parse("hr@", &back), -1);
    assert_int_equal(metric_parse("hr@01", &back), -1);
    assert_int_equal(metric_parse("hr@1x", &back), -1);
    near(metric_value((struct metric){ METRIC_MAP, 2 }, place(5, 3, 3, 3, 1)), 1. / 6,
         EXACT);
    near(metric_value((struct metric){ METRIC_RECALL, 3 }, place(5, 3, 3, 3, 1)), 2. / 3,
         EXACT);
}

static void equal_titles_are_counted(void **state)
{
    static const int32_t item[] = { 0, 1, 2, /**/ 0, 3, 4, /**/ 4, 5, 1, /**/ -1, 2, 5 };
    static const char *const title[] = { "Chasing Amy", "Hugo", "", "Kull", "Kull", "" };
    struct texts t = { 0 };
    int32_t *first;

    (void)state;
    for (int i = 0; i < 6; i++)
        texts_add(&t, title[i], strlen(title[i]));
    first = same_titles_first(&t);
    assert_int_equal(first[4], 3);
    assert_int_equal(first[5], 5);
    assert_int_equal(same_titles_sets(first, 6, item, 4, 3), 1);
    free(first);
    texts_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hand_cases),
        cmocka_unit_test(ties_share_their_places),
        cmocka_unit_test(many_ties_are_sums_as_well),
        cmocka_unit_test(many_ties_within_a_cut_off_count_all),
        cmocka_unit_test(every_metric_has_a_name_and_a_value),
        cmocka_unit_test(missing_scores_rank_last),
        cmocka_unit_test(padding_does_not_count),
        cmocka_unit_test(truth_is_found_once),
        cmocka_unit_test(chance_is_what_it_is_known_to_be),
        cmocka_unit_test(lists_share_their_last_places),
        cmocka_unit_test(popularity_by_hand),
        cmocka_unit_test(measures_are_parsed),
        cmocka_unit_test(equal_titles_are_counted),
    };

    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
