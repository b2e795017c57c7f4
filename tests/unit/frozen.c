/* Products with frozen weights, in both precisions, against plain loops. */
#include "frozen/frozen.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* sums of up to 1700 floats of size 1 */
#define REAL_TOL 1e-4
/* the same: the reference multiplies the same rounded numbers */
#define BF16_TOL 1e-4

static void random_row(real *row, int index, void *data)
{
    rng r = rng_keyed("frozen", 1, (uint64_t)index, 0);

    for (int j = 0; j < *(int *)data; j++)
        row[j] = (real)rng_normal(&r);
}

static real seen(real x, enum frozen_precision precision)
{
    return precision == FROZEN_BF16 ? (real)bf16_float(bf16_round((float)x)) : x;
}

static real *gauss(int n, uint64_t what)
{
    real *v = mem_new((size_t)n, sizeof *v);
    rng r = rng_keyed("values", 1, what, 0);

    for (int i = 0; i < n; i++)
        v[i] = (real)rng_normal(&r);
    return v;
}

/* y (n, out) against x (n, in) times the matrix in one of its directions */
static void check(const real *y, const real *before, const real *x,
                  const struct frozen *W, int n, bool back)
{
    int in = back ? W->out : W->in, out = back ? W->in : W->out;
    double tolerance = W->precision == FROZEN_BF16 ? BF16_TOL : REAL_TOL;
    real *w = mem_new((size_t)(W->out * W->in), sizeof *w);

    for (int i = 0; i < W->out; i++)
        frozen_row(W, i, w + i * W->in);
    for (int i = 0; i < n; i++)
        for (int o = 0; o < out; o++) {
            double want = before ? (double)before[i * out + o] : 0;

            for (int k = 0; k < in; k++)
                want += (double)seen(x[i * in + k], W->precision)
                        * (double)(back ? w[k * out + o] : w[o * in + k]);
            if (!(fabs((double)y[i * out + o] - want) <= tolerance * (1 + fabs(want))))
                fail_msg("(%d, %d) of %d x %d: %g, plain loops %g", i, o, W->out, W->in,
                         (double)y[i * out + o], want);
        }
    free(w);
}

static void check_shape(enum frozen_precision precision, int n, int out, int in)
{
    struct frozen W;
    real *x = gauss(n * in, 1), *y = gauss(n * out, 2), *before = gauss(n * out, 2);

    frozen_make(&W, precision, out, in, random_row, &in);
    assert_int_equal(W.precision, precision);
    frozen_forward(y, x, &W, n, true);
    check(y, before, x, &W, n, false);
    frozen_forward(y, x, &W, n, false);
    check(y, NULL, x, &W, n, false);
    memcpy(before, y, (size_t)(n * out) * sizeof *y);
    free(y);
    y = gauss(n * in, 3);
    frozen_add_backward(&W);
    frozen_add_backward(&W);
    frozen_backward(y, before, &W, n, false);
    check(y, NULL, before, &W, n, true);
    memcpy(x, y, (size_t)(n * in) * sizeof *y);
    frozen_backward(y, before, &W, n, true);
    check(y, x, before, &W, n, true);
    frozen_free(&W);
    free(x);
    free(y);
    free(before);
}

static void check_shapes(enum frozen_precision precision)
{
    for (int n = 1; n <= 9; n++)
        check_shape(precision, n, 50, 33);
    check_shape(precision, 21, 96, 48);
    for (int n = 15; n <= 49; n += 17) /* tiles of 16 x 16: all, and over each edge */
        for (int out = 32; out <= 112; out += 20)
            check_shape(precision, n, out, 64);
    check_shape(precision, 3, 1, 1);
    check_shape(precision, 10, 17, 1601);
    check_shape(precision, 10, 1700, 5);
}

static void real_equals_plain_loops(void **state)
{
    (void)state;
    check_shapes(FROZEN_REAL);
}

static void bf16_equals_plain_loops(void **state)
{
    (void)state;
    if (!frozen_available(FROZEN_BF16))
        skip();
    check_shapes(FROZEN_BF16);
}

/* Where a processor has both, sums of the same products in two orders. */
static void tiles_equal_registers(void **state)
{
    int n = 45, inner = 600, columns = 200;
    size_t stride = bf16_stride(inner);
    uint16_t *a = mem_new(bf16_rows(n) * stride, sizeof *a);
    real *x = gauss(n * inner, 1), *one = gauss(n * columns, 2);
    real *two = gauss(n * columns, 2);
    struct frozen W;

    (void)state;
    if (!frozen_available(FROZEN_BF16))
        skip();
    frozen_make(&W, FROZEN_BF16, columns, inner, random_row, &inner);
#ifndef REAL_IS_DOUBLE
    bf16_round_rows(a, stride, x, (size_t)inner, inner, n);
    bf16_tile(one, (size_t)columns, a, stride, &W.forward, 0, inner, n, true);
    bf16_register_tile(two, (size_t)columns, a, stride, &W.forward, 0, inner, n, true);
#endif
    for (int i = 0; i < n * columns; i++)
        if (!(fabs((double)(one[i] - two[i])) <= BF16_TOL * (1 + fabs((double)one[i]))))
            fail_msg("%d: %g, by registers %g", i, (double)one[i], (double)two[i]);
    frozen_free(&W);
    free(a);
    free(x);
    free(one);
    free(two);
}

/* Columns as rows, and what lies behind them zero. */
static void columns_become_rows(void **state)
{
    int depth = 45, n = 37, wide = 40;
    size_t stride = bf16_stride(depth), rows = bf16_rows(n);
    uint16_t *to = mem_new(rows * stride, sizeof *to);
    real *x = gauss(depth * wide, 1);

    (void)state;
    if (!frozen_available(FROZEN_BF16))
        skip();
#ifndef REAL_IS_DOUBLE
    memset(to, 0xff, rows * stride * sizeof *to);
    bf16_round_columns(to, stride, x, (size_t)wide, depth, n);
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < 64; k++) {
            bool inside = i < (size_t)n && k < (size_t)depth;
            uint16_t want = inside ? bf16_round(x[k * (size_t)wide + i]) : 0;

            assert_int_equal(to[i * stride + k], want);
        }
#endif
    free(to);
    free(x);
}

static void a_row_does_not_depend_on_its_neighbours(void **state)
{
    int in = 40, out = 100;
    real *x, *all, *few;
    struct frozen W;

    (void)state;
    if (!frozen_available(FROZEN_BF16))
        skip();
    x = gauss(20 * in, 1);
    all = gauss(20 * out, 2);
    few = gauss(20 * out, 3);
    frozen_make(&W, FROZEN_BF16, out, in, random_row, &in);
    frozen_forward(all, x, &W, 20, false);
    frozen_forward(few, x + 3 * in, &W, 9, false);
    assert_memory_equal(all + 3 * out, few, (size_t)(9 * out) * sizeof *few);
    frozen_free(&W);
    free(x);
    free(all);
    free(few);
}

static void rounding_is_to_nearest_even(void **state)
{
    const struct {
        float from, to;
    } pair[] = {
        { 1, 1 }, { -2.5f, -2.5f }, { 0, 0 }, { 1 + 1.0f / 256, 1 },
        { 1 + 3.0f / 256, 1 + 4.0f / 256 }, { 1 + 1.01f / 256, 1 + 2.0f / 256 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++)
        assert_true(bf16_float(bf16_round(pair[i].from)) == pair[i].to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_equals_plain_loops),
        cmocka_unit_test(bf16_equals_plain_loops),
        cmocka_unit_test(tiles_equal_registers),
        cmocka_unit_test(columns_become_rows),
        cmocka_unit_test(a_row_does_not_depend_on_its_neighbours),
        cmocka_unit_test(rounding_is_to_nearest_even),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
