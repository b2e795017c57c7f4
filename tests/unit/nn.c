/* The float build of the layers against plain loops in double. */
#include "nn/activation.h"
#include "nn/adam.h"
#include "nn/attention.h"
#include "nn/dropout.h"
#include "nn/init.h"
#include "nn/layernorm.h"
#include "nn/linear.h"
#include "nn/loss.h"
#include "nn/vecmath.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define EXP_TOL 3e-7   /* 2 units in the last place of a float */
#define FLOAT_TOL 1e-5 /* sums of tens of float products */

static void near(double got, double want, double tolerance, const char *what)
{
    if (!(fabs(got - want) <= tolerance * (1 + fabs(want))))
        fail_msg("%s: %.9g, expected %.9g", what, got, want);
}

static void fill(real *x, int n, uint64_t key)
{
    rng r = rng_keyed("test", 3, key, 0);

    for (int i = 0; i < n; i++)
        x[i] = (real)rng_normal(&r);
}

static void exponentials(void **state)
{
    (void)state;
    for (double x = -86.9; x < 88; x += .0137) {
        real in = (real)x, out;

        exp_row(&out, &in, 0, 1);
        if (!(fabs((double)out / exp((double)in) - 1) <= EXP_TOL))
            fail_msg("exp(%.9g): %.9g", (double)in, (double)out);
    }
}

static void exponentials_at_the_ends(void **state)
{
    real x[] = { 0, -1000, -INFINITY, 1 }, y[4];

    (void)state;
    near((double)exp_row(y, x, 1, 4), exp(-1) + 1, EXP_TOL, "sum");
    assert_true(y[1] == 0 && y[2] == 0 && y[3] == 1);
}

/* As many terms as a vocabulary has: one sum of them all in float is 1e-4 off where the
 * compiler's vectors are short. */
static void sums_over_a_vocabulary(void **state)
{
    enum { N = 151936 + 5 };
    real *x = malloc(N * sizeof *x);
    double want = 0;

    (void)state;
    fill(x, N, 4);
    for (int i = 0; i < N; i++)
        want += exp((double)x[i] - 3);
    near(exp_sum(x, 3, N) / want, 1, 1e-6, "exp_sum");
    near(exp_row(x, x, 3, N) / want, 1, 1e-6, "exp_row");
    free(x);
}

static void largest_of_a_row(void **state)
{
    real x[70];

    (void)state;
    for (int n = 1; n <= 70; n++)
        for (int at = 0; at < n; at++) {
            fill(x, n, (uint64_t)n);
            x[at] = 9;
            assert_true(max_row(x, n) == 9);
            x[at] = -9;
            assert_true(max_row(x, n) < 9 && (n == 1 || max_row(x, n) > -9));
        }
}

static void linear(void **state)
{
    enum { N = 5, IN = 33, OUT = 7 };
    real x[N * IN], W[OUT * IN], b[OUT], y[N * OUT];

    (void)state;
    fill(x, N * IN, 1), fill(W, OUT * IN, 2), fill(b, OUT, 3);
    linear_forward(y, x, W, b, N, IN, OUT);
    for (int i = 0; i < N; i++)
        for (int o = 0; o < OUT; o++) {
            double want = (double)b[o];

            for (int k = 0; k < IN; k++)
                want += (double)x[i * IN + k] * (double)W[o * IN + k];
            near((double)y[i * OUT + o], want, FLOAT_TOL, "y");
        }
}

static void layernorm(void **state)
{
    enum { D = 50 };
    real x[D], w[D], b[D], y[D];
    double mean = 0, variance = 0;

    (void)state;
    fill(x, D, 1), fill(w, D, 2), fill(b, D, 3);
    layernorm_forward(y, NULL, NULL, x, w, b, 1, D, (real)1e-8);
    for (int j = 0; j < D; j++)
        mean += (double)x[j] / D;
    for (int j = 0; j < D; j++)
        variance += ((double)x[j] - mean) * ((double)x[j] - mean) / D;
    for (int j = 0; j < D; j++)
        near((double)y[j],
             ((double)x[j] - mean) / sqrt(variance + 1e-8) * (double)w[j] + (double)b[j],
             FLOAT_TOL, "y");
}

/* Row by row over all padded keys, as the padded model has them. */
static void attention_with_padding(void **state)
{
    enum { N = 6, D = 4, PADS = 9 };
    struct attention a = { N, D, D, D, PADS };
    real q[N * D], k[N * D], v[N * D], out[N * D], prob[N * N], used[N * N];

    (void)state;
    fill(q, N * D, 1), fill(k, N * D, 2), fill(v, N * D, 3);
    attention_forward(&a, out, prob, used, q, k, v, NULL);
    for (int i = 1; i < N; i++) {
        double sum = 0, want[D] = { 0 };

        for (int j = -PADS + 1; j <= i; j++) {
            int key = j > 0 ? j : 0;
            double s = 0;

            for (int c = 0; c < D; c++)
                s += (double)q[i * D + c] * (double)k[key * D + c];
            s = exp(s / 2); /* sqrt(D) */
            sum += s;
            for (int c = 0; c < D; c++)
                want[c] += s * (double)v[key * D + c];
        }
        for (int c = 0; c < D; c++)
            near((double)out[i * D + c], want[c] / sum, FLOAT_TOL, "out");
    }
}

static void dropout_keeps_the_mean(void **state)
{
    enum { N = 100000 };
    static real mask[N];
    rng r = rng_keyed("test", 1, 0, 0);
    double sum = 0;

    (void)state;
    dropout_mask(mask, N, .2, &r);
    for (int i = 0; i < N; i++) {
        assert_true(mask[i] == 0 || mask[i] == (real)(1 / .8));
        sum += (double)mask[i];
    }
    near(sum / N, 1, .005, "mean (deviation .0016)");
}

static void initial_weights_have_torch_s_spread(void **state)
{
    enum { ROWS = 300, COLS = 100 };
    static real w[ROWS * COLS];
    rng r = rng_keyed("test", 1, 0, 0);
    double squares = 0, most = 0;

    (void)state;
    init_xavier_normal(w, ROWS, COLS, &r);
    for (int i = 0; i < ROWS * COLS; i++)
        squares += (double)w[i] * (double)w[i];
    near(squares / (ROWS * COLS) * (ROWS + COLS) / 2, 1, .03,
         "variance (deviation .008)");
    init_linear(w, ROWS * COLS, COLS, &r);
    squares = 0;
    for (int i = 0; i < ROWS * COLS; i++) {
        squares += (double)w[i] * (double)w[i];
        most = fmax(most, fabs((double)w[i]));
    }
    assert_true(most <= .1);
    near(squares / (ROWS * COLS) * 300, 1, .02, "variance of U(+-.1): 1/300");
}

static void losses_do_not_overflow(void **state)
{
    real x[] = { 200, -200 }, dx[2] = { 0 }, row[] = { 1000, 0, -1000 };
    int target = 2;

    (void)state;
    near(bce_logits_all(dx, x, 1, 2, 1), 200, FLOAT_TOL, "bce");
    near((double)dx[1], -1, FLOAT_TOL, "its gradient");
    near(softmax_cross_entropy(NULL, row, &target, 1, 3, 1), 2000, FLOAT_TOL, "softmax");
    assert_true(row[0] == 1000 && row[2] == -1000);
}

static void gelu_is_the_erf_form(void **state)
{
    real x[] = { -2.7f, 0, 1 }, y[3];

    (void)state;
    gelu_forward(y, x, 3);
    near((double)y[0], -2.7 * .5 * erfc(2.7 / sqrt(2)), 1e-6, "gelu(-2.7)");
    near((double)y[2], .841344746, 1e-6, "gelu(1)");
}

/* Rows that a step does not name stay as they are, their moments too. */
static void adam_of_rows_spares_the_others(void **state)
{
    struct params p = { 0 }, q = { 0 };
    struct adam a, b;
    real *grad;

    (void)state;
    params_add(&p, 2, 5, 3, "w"), params_add(&q, 2, 5, 3, "w");
    params_allocate(&p), params_allocate(&q);
    adam_new(&a, &p, .1, .9, .99, 1e-8), adam_new(&b, &q, .1, .9, .99, 1e-8);
    a.decay = b.decay = .01;
    grad = params_arena(&p);
    for (int i = 0; i < 15; i++)
        grad[i] = (real)(i - 7);
    for (int step = 0; step < 2; step++) {
        adam_step(&a, &p, grad);
        adam_begin(&b);
        adam_rows(&b, &q, grad, 0, 1, 1);
        adam_rows(&b, &q, grad, 0, 3, 2);
    }
    for (int i = 0; i < 15; i++) {
        bool spared = i / 3 == 0 || i / 3 == 2;

        assert_true(spared ? q.values[i] == 0 && b.m[i] == 0 && b.v[i] == 0
                           : q.values[i] == p.values[i] && b.m[i] == a.m[i]);
    }
    adam_free(&a), adam_free(&b);
    params_free(&p), params_free(&q);
    free(grad);
}

/* Rows that are named one by one, from gradients that stand close together. */
static void adam_of_scattered_rows_is_that_of_rows(void **state)
{
    static const int32_t row[] = { 3, 0, 2 }; /* of those from 1 on */
    struct params p = { 0 }, q = { 0 };
    struct adam a, b;
    real *grad, close[9];

    (void)state;
    params_add(&p, 1, 4, 1, "b"), params_add(&q, 1, 4, 1, "b");
    params_add(&p, 2, 5, 3, "w"), params_add(&q, 2, 5, 3, "w");
    params_allocate(&p), params_allocate(&q);
    adam_new(&a, &p, .1, .9, .99, 1e-8), adam_new(&b, &q, .1, .9, .99, 1e-8);
    a.decay = b.decay = .01;
    grad = params_arena(&p);
    for (int i = 0; i < 9; i++)
        close[i] = grad[p.list[1].at + (1 + row[i / 3]) * 3 + i % 3] = (real)(i - 3);
    for (int step = 0; step < 2; step++) {
        adam_begin(&a), adam_begin(&b);
        for (int i = 0; i < 3; i++)
            adam_rows(&a, &p, grad, 1, 1 + row[i], 1);
#pragma omp parallel num_threads(3)
        {
            adam_share_first(&b, &q, grad, 1);
            adam_scattered(&b, &q, close, 1, 1, row, 3);
        }
    }
    assert_true(p.values[p.list[1].at + 4 * 3] != 0);
    assert_memory_equal(p.values, q.values, (size_t)p.size * sizeof(real));
    assert_memory_equal(a.m, b.m, 2 * (size_t)p.size * sizeof(real));
    adam_free(&a), adam_free(&b);
    params_free(&p), params_free(&q);
    free(grad);
}

/* The three ways to take a step give the same bits, at any number of threads. */
static void adam_in_parts_is_adam(void **state)
{
    struct params p[3] = { { 0 } };
    struct adam a[3];
    real *grad = NULL;

    (void)state;
    for (int k = 0; k < 3; k++) {
        params_add(&p[k], 2, 7, 5, "w");
        params_add(&p[k], 1, 3, 1, "b");
        params_allocate(&p[k]);
        adam_new(&a[k], &p[k], .1, .9, .99, 1e-8);
        a[k].decay = .01;
    }
    grad = params_arena(&p[0]);
    for (int step = 0; step < 3; step++) {
        for (long i = 0; i < p[0].size; i++)
            grad[i] = (real)((i * 7 + step) % 11 - 5);
        adam_step(&a[0], &p[0], grad);
        adam_begin(&a[1]);
#pragma omp parallel num_threads(3)
        adam_share(&a[1], &p[1], grad);
        adam_begin(&a[2]);
        for (int i = p[2].count - 1; i >= 0; i--)
            adam_tensor(&a[2], &p[2], grad, i);
    }
    for (int k = 1; k < 3; k++)
        for (int i = 0; i < 2; i++) {
            const struct param *q = &p[0].list[i];
            size_t bytes = (size_t)params_length(q) * sizeof(real);

            assert_true(p[0].values[q->at] != 0);
            assert_memory_equal(p[0].values + q->at, p[k].values + q->at, bytes);
        }
    for (int k = 0; k < 3; k++) {
        adam_free(&a[k]);
        params_free(&p[k]);
    }
    free(grad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adam_in_parts_is_adam),
        cmocka_unit_test(adam_of_rows_spares_the_others),
        cmocka_unit_test(adam_of_scattered_rows_is_that_of_rows),
        cmocka_unit_test(exponentials),
        cmocka_unit_test(exponentials_at_the_ends),
        cmocka_unit_test(sums_over_a_vocabulary),
        cmocka_unit_test(largest_of_a_row),
        cmocka_unit_test(linear),
        cmocka_unit_test(layernorm),
        cmocka_unit_test(attention_with_padding),
        cmocka_unit_test(dropout_keeps_the_mean),
        cmocka_unit_test(initial_weights_have_torch_s_spread),
        cmocka_unit_test(losses_do_not_overflow),
        cmocka_unit_test(gelu_is_the_erf_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
