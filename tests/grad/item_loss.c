/* Losses over items against plain loops and central differences, in double. */
#include "cf/item_loss.h"
#include "differences.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define H 1e-5         /* step of the central difference */
#define GRAD_TOL 1e-8  /* H^2 truncation + 1e-16/H rounding, factor 30 to spare */
#define VALUE_TOL 1e-12 /* the same sum in another order */

enum { ROWS = 70 /* more than one block */, ITEMS = 150, D = 5, K = 3 };

static real F[ROWS * D], E[ITEMS * D], dF[ROWS * D], dE[ITEMS * D];
static real coefficient[ROWS * (K + 1)], *slab;
static int32_t target[ROWS], item[ROWS * (K + 1)];

static int fill(void **state)
{
    rng r = rng_keyed("test", 2, 0, 0);

    (void)state;
    for (int i = 0; i < ROWS * D; i++)
        F[i] = rng_normal(&r);
    for (int i = 0; i < ITEMS * D; i++)
        E[i] = rng_normal(&r);
    for (int i = 0; i < ROWS; i++)
        target[i] = i % 9 == 0 ? -1 : (int32_t)rng_below(&r, ITEMS);
    for (int i = 0; i < ROWS * (K + 1); i++)
        item[i] = target[i / (K + 1)] < 0 ? -1 : (int32_t)rng_below(&r, ITEMS);
    slab = mem_new((size_t)item_loss_softmax_slab(ITEMS), sizeof *slab);
    return 0;
}

static int clear(void **state)
{
    (void)state;
    free(slab);
    return 0;
}

static double softmax(void)
{
    return item_loss_softmax(dF, dE, F, target, ROWS, E, ITEMS, D, .3, slab);
}

static double sampled(void)
{
    return item_loss_sampled(dF, dE, F, item, ROWS, K, E, D, .6, .3, coefficient);
}

/* Rows without a target, which BPR never meets, get one. */
static double bpr(void)
{
    static int32_t all[ROWS * (K + 1)];
    double loss;

    for (int i = 0; i < ROWS * (K + 1); i++)
        all[i] = item[i] < 0 ? (i * 11) % ITEMS : item[i];
    loss = item_loss_bpr(dF, F, all, ROWS, K, E, D, .3, coefficient);
    item_loss_scatter(dE, all, coefficient, F, ROWS * (K + 1), K + 1, D);
    return loss;
}

#define SCALE .01 /* N terms a row: rounding of the sum stays below GRAD_TOL H */

enum { N = 140, FIRST = 5 }; /* negatives, more than one block: items FIRST and on */

/* A negative of every row that has a number of 7 is left out. */
static bool left_out(int row, int j)
{
    return row % 7 == 0 && j == row % N;
}

static double shared(void)
{
    static real logits[ROWS * N];
    double loss;

    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, ROWS, N, D, 1, F, D, E + FIRST * D,
              D, 0, logits, N);
    for (int i = 0; i < ROWS * N; i++)
        if (left_out(i / N, i % N))
            logits[i] = -INFINITY;
    loss = item_loss_shared(dF, F, target, ROWS, E, E + FIRST * D, N, D, .6, .7, SCALE,
                            logits, coefficient);
    item_loss_shared_scatter(dE + FIRST * D, logits, F, ROWS, N, D);
    item_loss_scatter(dE, target, coefficient, F, ROWS, 1, D);
    return loss;
}

static double score(int row, int i)
{
    double sum = 0;

    for (int j = 0; j < D; j++)
        sum += F[row * D + j] * E[i * D + j];
    return sum;
}

static void near(double got, double want, double tolerance, const char *what, int i)
{
    if (!(fabs(got - want) <= tolerance * (1 + fabs(want))))
        fail_msg("%s %d: %.15g, expected %.15g", what, i, got, want);
}

static void values_equal_plain_loops(void **state)
{
    double want_softmax = 0, want_sampled = 0;

    (void)state;
    for (int r = 0; r < ROWS; r++) {
        double sum = 0;

        if (target[r] < 0)
            continue;
        for (int i = 0; i < ITEMS; i++)
            sum += exp(score(r, i));
        want_softmax += .3 * (log(sum) - score(r, target[r]));
        for (int j = 0; j <= K; j++) {
            double s = 1 / (1 + exp(-score(r, item[r * (K + 1) + j])));

            want_sampled -= .3 * (j == 0 ? .6 * log(s) : log(1 - s));
        }
    }
    near(softmax(), want_softmax, VALUE_TOL, "softmax", 0);
    near(sampled(), want_sampled, VALUE_TOL, "sampled", 0);
}

static void shared_equals_plain_loops(void **state)
{
    double want = 0;

    (void)state;
    for (int r = 0; r < ROWS; r++) {
        if (target[r] < 0)
            continue;
        want += SCALE * .6 * log(1 + exp(.7 - score(r, target[r])));
        for (int j = 0; j < N; j++)
            want += left_out(r, j) ? 0 : SCALE * log(1 + exp(score(r, FIRST + j) - .7));
    }
    near(shared(), want, VALUE_TOL, "shared", 0);
}

static void check_loss(double (*loss)(void))
{
    real f[ROWS * D], e[ITEMS * D];

    memset(dE, 0, sizeof dE);
    loss();
    memcpy(f, dF, sizeof f);
    memcpy(e, dE, sizeof e);
    check_differences(loss, F, f, ROWS * D, H, GRAD_TOL, "dF");
    check_differences(loss, E, e, ITEMS * D, H, GRAD_TOL, "dE");
}

static void gradients(void **state)
{
    (void)state;
    check_loss(softmax);
    check_loss(sampled);
    check_loss(bpr);
    check_loss(shared);
}

static void bpr_is_the_logistic_loss_of_differences(void **state)
{
    static const int32_t three[] = { 4, 9, 2 };
    double want = 0;

    (void)state;
    for (int j = 1; j < 3; j++)
        want += .5 * log(1 + exp(score(7, three[j]) - score(7, three[0])));
    near(item_loss_bpr(dF, F + 7 * D, three, 1, 2, E, D, .5, coefficient), want,
         VALUE_TOL, "bpr", 0);
}

static void threads_do_not_change_gradients(void **state)
{
    double (*losses[])(void) = { softmax, sampled, shared };
    real kept[ITEMS * D];

    (void)state;
    for (int i = 0; i < 3; i++) {
        memset(dE, 0, sizeof dE);
        omp_set_num_threads(1);
        losses[i]();
        memcpy(kept, dE, sizeof kept);
        memset(dE, 0, sizeof dE);
        omp_set_num_threads(3);
        losses[i]();
        assert_memory_equal(kept, dE, sizeof kept);
    }
}

static void gbce_weight_is_the_paper_s(void **state)
{
    (void)state;
    near(item_loss_gbce_weight(1, 101, 1), .01, VALUE_TOL,
         "one negative, fully calibrated: a", 0);
    near(item_loss_gbce_weight(256, 1682, 0), 1, VALUE_TOL, "not calibrated: plain", 0);
    near(item_loss_gbce_weight(256, 1682, .75), 1 - .75 * (1 - 256. / 1681), VALUE_TOL,
         "between", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_equal_plain_loops),
        cmocka_unit_test(shared_equals_plain_loops),
        cmocka_unit_test(gradients),
        cmocka_unit_test(threads_do_not_change_gradients),
        cmocka_unit_test(bpr_is_the_logistic_loss_of_differences),
        cmocka_unit_test(gbce_weight_is_the_paper_s),
    };

    return cmocka_run_group_tests(tests, fill, clear);
}
