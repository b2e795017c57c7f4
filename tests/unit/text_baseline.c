/* Predicting CF vectors from texts: hand cases, and the normal equations of ridge. */
#include "align/text_baseline.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TOL 1e-5 /* floats of size 1 */

enum { ITEMS = 5, D = 2, W = 3 };

/* Texts on a circle, of several lengths; item 4 is untrained. */
static const real Q[ITEMS * W] = { 2, 0, 0,  1, .1, 0,  0, 3, 0,  .1, 1, 0,  1, .05, 0 };
static const real E[ITEMS * D] = { 1, 10,  2, 20,  3, 30,  4, 40,  500, 500 };
static const int64_t count[ITEMS] = { 1, 4, 9, 1, 0 };
static const struct text_baseline b = { E, Q, count, ITEMS, D, W };

static void nearest_leaves_out_itself_and_the_untrained(void **state)
{
    real out[ITEMS * D];

    (void)state;
    text_baseline_nearest(out, &b, 1);
    assert_true(out[0] == 2 && out[1] == 20); /* not itself, not the nearer item 4 */
    assert_true(out[2 * D] == 4);
    assert_true(out[3 * D] == 3);
    assert_true(out[4 * D] == 1 || out[4 * D] == 2);
    text_baseline_nearest(out, &b, 100);
    assert_true(fabs((double)out[0] - 3) < TOL);       /* of 2, 3, 4 */
    assert_true(fabs((double)out[4 * D] - 2.5) < TOL); /* of all four */
}

static void unit(double *t, int i)
{
    double square = 0;

    for (int j = 0; j < W; j++)
        square += (double)Q[i * W + j] * (double)Q[i * W + j];
    for (int j = 0; j < W; j++)
        t[j] = (double)Q[i * W + j] / sqrt(square);
    t[W] = 1;
}

/* At the minimum sum_j w_j (E_j - p_j) a_j = lambda B. With B unknown: the residuals'
 * moments of feature 2, which is 0 everywhere, vanish, and predictions are those of a
 * second solution by plain gradient descent. */
static void ridge_is_the_minimum(void **state)
{
    real out[ITEMS * D];
    double B[W + 1] = { 0 }, t[W + 1];
    double lambda = .5;

    (void)state;
    text_baseline_ridge(out, &b, lambda);
    for (int step = 0; step < 200000; step++) {
        double g[W + 1];

        for (int j = 0; j <= W; j++)
            g[j] = lambda * B[j];
        for (int i = 0; i < ITEMS; i++) {
            double r = -(double)E[i * D], w = sqrt((double)count[i]);

            unit(t, i);
            for (int j = 0; j <= W; j++)
                r += B[j] * t[j];
            for (int j = 0; j <= W; j++)
                g[j] += w * r * t[j];
        }
        for (int j = 0; j <= W; j++)
            B[j] -= .05 * g[j];
    }
    for (int i = 0; i < ITEMS; i++) {
        double p = 0;

        unit(t, i);
        for (int j = 0; j <= W; j++)
            p += B[j] * t[j];
        assert_true(fabs(p - (double)out[i * D]) < TOL);
        assert_true(fabs(10 * p - (double)out[i * D + 1]) < 10 * TOL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearest_leaves_out_itself_and_the_untrained),
        cmocka_unit_test(ridge_is_the_minimum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
