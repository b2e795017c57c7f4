#include "score/fuse.h"
#include "score/logit.h"
#include "util/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#define FLOAT 1e-6 /* fused scores are floats of about 1 */

static void near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("got %.12g, expected %.12g within %g", got, want, tolerance);
}

/* Two parts of two users of four candidates; the second user has one of padding, and
 * no scores of the second part. */
static const int32_t items[] = { 5, 6, 7, 8, /**/ 1, -1, 2, 3 };
static const float first[] = { 1, 3, 1, 3, /**/ 0, 99, 10, 5 };
static const float second[] = { 7, 7, NAN, 4, /**/ NAN, 99, NAN, NAN };

static struct fuse two_parts(const float **score)
{
    struct fuse s = { .users = 2, .columns = 4, .parts = 2, .item = items,
                      .score = score };

    score[0] = first;
    score[1] = second;
    fuse_standardise(&s);
    return s;
}

static void standardised_within_each_user(void **state)
{
    /* mean 2, sd 1; mean 6, sd sqrt(2); mean 5, sd sqrt(50 / 3) */
    static const double want0[] = { -1, 1, -1, 1, /**/ -5, 0, 5, 0 };
    static const double want1[] = { 1, 1, 0, -2, /**/ 0, 0, 0, 0 };
    const float *score[2];
    struct fuse s = two_parts(score);

    (void)state;
    for (int i = 0; i < 8; i++) {
        near(s.z[2 * i], want0[i] / (i < 4 ? 1 : sqrt(50. / 3)), 1e-12);
        near(s.z[2 * i + 1], want1[i] / sqrt(2), 1e-12);
    }
    free(s.z);
}

static void weighted_sums(void **state)
{
    static const double weight[] = { .25, .75 };
    const float *score[2];
    struct fuse s = two_parts(score);
    float out[8];

    (void)state;
    fuse_weighted(out, &s, weight);
    near((double)out[0], -.25 + .75 / sqrt(2), FLOAT);
    near((double)out[2], -.25, FLOAT);
    near((double)out[3], .25 - 1.5 / sqrt(2), FLOAT);
    assert_true(isnan(out[5]));
    near((double)out[6], 1.25 / sqrt(50. / 3), FLOAT);
    free(s.z);
}

static void a_part_alone_is_copied(void **state)
{
    static const double alone[] = { 0, 1 };
    const float *score[2];
    struct fuse s = two_parts(score);
    float out[8];

    (void)state;
    fuse_weighted(out, &s, alone);
    assert_memory_equal(out, second, 4 * sizeof *out);
    for (int i = 4; i < 8; i++)
        assert_true(isnan(out[i]));
    score[0] = second; /* nobody scored the second user */
    fuse_weighted(out, &s, (double[]){ .5, .5 });
    assert_true(isnan(out[4]) && isnan(out[7]) && !isnan(out[2]));
    free(s.z);
}

/* Ranks: 3.5 1.5 3.5 1.5 and 1.5 1.5 - 3; then 3 - 1 2. */
static void reciprocal_ranks(void **state)
{
    const float *score[2];
    struct fuse s = two_parts(score);
    float out[8];

    (void)state;
    fuse_reciprocal(out, &s, 60);
    near((double)out[0], 1 / 63.5 + 1 / 61.5, FLOAT);
    near((double)out[1], 2 / 61.5, FLOAT);
    near((double)out[2], 1 / 63.5, FLOAT);
    near((double)out[3], 1 / 61.5 + 1 / 63., FLOAT);
    near((double)out[4], 1 / 63., FLOAT);
    assert_true(isnan(out[5]));
    near((double)out[6], 1 / 61., FLOAT);
    free(s.z);
}

enum { USERS = 200, CANDS = 6 };

/* Parts that each know something: the truth's score has a head start of `know`. */
struct world {
    int32_t item[USERS * CANDS];
    int truth[USERS];
    float part[5][USERS * CANDS];
    const float *score[5];
};

static struct fuse make_world(struct world *w, const double *know, int parts)
{
    struct fuse s = { .users = USERS, .columns = CANDS, .parts = parts, .item = w->item,
                      .score = w->score };

    for (int u = 0; u < USERS; u++) {
        rng r = rng_keyed("fuse test", 1, (uint64_t)u, 0);

        w->truth[u] = (int)rng_below(&r, CANDS);
        for (int j = 0; j < CANDS; j++)
            w->item[u * CANDS + j] = j;
        for (int p = 0; p < parts; p++)
            for (int j = 0; j < CANDS; j++)
                w->part[p][u * CANDS + j] =
                    (float)(rng_normal(&r) + (j == w->truth[u] ? know[p] : 0));
    }
    for (int p = 0; p < parts; p++)
        w->score[p] = w->part[p];
    fuse_standardise(&s);
    return s;
}

static const struct metric ndcg = { METRIC_NDCG, 3 };

/* Whatever the parts know: the best is not below any of them, and is what it says. */
static void search_is_never_below_a_part(void **state)
{
    static const double know[][5] = { { 1, 1, 1, 1, 1 }, { 0, 3, 0, 0, 0 },
                                      { -1, -1, -2, .1, -1 }, { 5, 0, 0, 0, 5 } };
    static struct world w;
    double weight[5], best, sum;
    float *out = malloc(sizeof w.part[0]);

    (void)state;
    for (int i = 0; i < 4; i++)
        for (int parts = 1; parts <= 5; parts++) {
            struct fuse s = make_world(&w, know[i], parts);

            best = fuse_search(weight, &s, w.truth, ndcg, 20);
            fuse_weighted(out, &s, weight);
            near(fuse_value(&s, out, w.truth, ndcg), best, 1e-12);
            sum = 0;
            for (int p = 0; p < parts; p++) {
                assert_true(weight[p] >= 0);
                assert_true(best >= fuse_value(&s, w.part[p], w.truth, ndcg) - 1e-12);
                sum += weight[p];
            }
            near(sum, 1, 1e-5);
            free(s.z);
        }
    free(out);
}

static void search_takes_the_best_of_all_multiples(void **state)
{
    static const double know[] = { 1.2, .8, .3 };
    static struct world w;
    struct fuse s = make_world(&w, know, 3);
    double weight[3], best = fuse_search(weight, &s, w.truth, ndcg, 10), found = -1;
    float *out = malloc(sizeof w.part[0]);

    (void)state;
    for (int a = 0; a <= 10; a++)
        for (int b = 0; a + b <= 10; b++) {
            double trial[] = { a / 10., b / 10., (10 - a - b) / 10. };

            fuse_weighted(out, &s, trial);
            found = fmax(found, fuse_value(&s, out, w.truth, ndcg));
        }
    near(best, found, 1e-12);
    for (int p = 0; p < 3; p++)
        near(10 * weight[p], round(10 * weight[p]), 1e-9);
    assert_true(best > fuse_value(&s, w.part[0], w.truth, ndcg));
    free(out);
    free(s.z);
}

static void equal_parts_share_evenly(void **state)
{
    static const double know[] = { 1, 1 };
    static struct world w;
    struct fuse s = make_world(&w, know, 2);
    double weight[2];

    (void)state;
    w.score[1] = w.score[0];
    free(s.z);
    fuse_standardise(&s);
    fuse_search(weight, &s, w.truth, ndcg, 20);
    near(weight[0], .5, 0);
    near(weight[1], .5, 0);
    free(s.z);
}

static struct logit logit_of(const struct fuse *s, const int *truth, double l2)
{
    return (struct logit){ s->users, s->columns, s->parts, s->z, s->item, truth, l2 };
}

#define H 1e-4
#define DIFFERENCE 1e-6 /* H^2 times third derivatives of about 100, of sums over 200 */

static void logit_derivatives_are_differences(void **state)
{
    static const double know[] = { 1, .5, 2 };
    static struct world w;
    struct fuse s = make_world(&w, know, 3);
    struct logit l;
    double at[] = { .3, -.7, 1.1 }, up[3], down[3], gradient[3], hessian[9], unused[9];

    (void)state;
    w.item[3] = w.truth[0] == 3 ? 3 : -1; /* one of padding */
    l = logit_of(&s, w.truth, .7);
    logit_loss(&l, at, gradient, hessian);
    for (int a = 0; a < 3; a++) {
        double middle = at[a], high, low;

        at[a] = middle + H;
        high = logit_loss(&l, at, up, unused);
        at[a] = middle - H;
        low = logit_loss(&l, at, down, unused);
        at[a] = middle;
        near(gradient[a], (high - low) / (2 * H), DIFFERENCE * (1 + fabs(gradient[a])));
        for (int b = 0; b < 3; b++)
            near(hessian[b * 3 + a], (up[b] - down[b]) / (2 * H),
                 DIFFERENCE * (1 + fabs(hessian[b * 3 + a])));
    }
    free(s.z);
}

/* Two candidates 1 apart, of which the better is true 3 times of 4: the weight is
 * log(3), and shrunk to where l2 x weight is what the likelihood pulls. */
static void logit_knows_the_odds(void **state)
{
    static const double z[] = { 1, 0, /**/ 0, 1, /**/ 1, 0, /**/ 0, 1 };
    static const int32_t item[] = { 0, 1, 0, 1, 0, 1, 0, 1 };
    static const int truth[] = { 0, 1, 0, 0 };
    struct logit l = { 4, 2, 1, z, item, truth, 1e-9 };
    double weight;

    (void)state;
    logit_fit(&l, &weight);
    near(weight, log(3), 1e-7);
    l.l2 = 2;
    logit_fit(&l, &weight);
    near(2 * weight, 3 - 4 / (1 + exp(-weight)), 1e-7);
}

static void logit_ends_where_it_is_flat(void **state)
{
    static const double know[] = { 2, 0, -1, .2, 4 };
    static struct world w;
    struct fuse s = make_world(&w, know, 5);
    struct logit l = logit_of(&s, w.truth, 1);
    double weight[5], gradient[5], hessian[25], again[5];

    (void)state;
    omp_set_num_threads(1);
    logit_fit(&l, weight);
    logit_loss(&l, weight, gradient, hessian);
    for (int a = 0; a < 5; a++)
        near(gradient[a], 0, 1e-7);
    assert_true(weight[0] > weight[1] && weight[2] < 0 && weight[4] > weight[0]);
    omp_set_num_threads(2);
    logit_fit(&l, again);
    assert_memory_equal(weight, again, sizeof weight);
    free(s.z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standardised_within_each_user),
        cmocka_unit_test(weighted_sums),
        cmocka_unit_test(a_part_alone_is_copied),
        cmocka_unit_test(reciprocal_ranks),
        cmocka_unit_test(search_is_never_below_a_part),
        cmocka_unit_test(search_takes_the_best_of_all_multiples),
        cmocka_unit_test(equal_parts_share_evenly),
        cmocka_unit_test(logit_derivatives_are_differences),
        cmocka_unit_test(logit_knows_the_odds),
        cmocka_unit_test(logit_ends_where_it_is_flat),
    };

    return cmocka_run_group_tests_name("fuse", tests, NULL, NULL);
}
