/* Every layer's backward pass against central differences, in double. */
#include "differences.h"
#include "nn/activation.h"
#include "nn/dropout.h"
#include "nn/layernorm.h"
#include "nn/linear.h"
#include "nn/loss.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define H 1e-5        /* step of the central difference */
#define GRAD_TOL 1e-8 /* H^2 truncation + 1e-16/H rounding, factor 30 to spare */

enum { ROWS = 7, IN = 13, OUT = 9 };

static real *gauss(uint64_t what, long n)
{
    rng r = rng_keyed("test", 1, what, 0);
    real *v = mem_new((size_t)n, sizeof *v);

    for (long i = 0; i < n; i++)
        v[i] = rng_normal(&r);
    return v;
}

static double dot(const real *a, const real *b, long n)
{
    double sum = 0;

    for (long i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void check(double (*loss)(void), real *x, const real *got, long n)
{
    check_differences(loss, x, got, n, H, GRAD_TOL, "element");
}

/* Inputs, weights, the fake loss sum(r y), and gradients that start at what
 * a layer must add to. */
static struct {
    real *x, *w, *b, *y, *r, *mean, *rstd, *dx, *dw, *db;
    long nx, nw, nb, ny;
} t;

static void set_up(long nx, long nw, long nb, long ny)
{
    t.nx = nx, t.nw = nw, t.nb = nb, t.ny = ny;
    t.x = gauss(1, nx), t.w = gauss(2, nw), t.b = gauss(3, nb), t.r = gauss(4, ny);
    t.y = mem_new((size_t)ny, sizeof(real));
    t.mean = mem_new((size_t)ROWS, sizeof(real));
    t.rstd = mem_new((size_t)ROWS, sizeof(real));
    t.dx = gauss(5, nx), t.dw = gauss(6, nw), t.db = gauss(7, nb);
}

static void take_away_start(void)
{
    real *a = gauss(5, t.nx), *b = gauss(6, t.nw), *c = gauss(7, t.nb);

    for (long i = 0; i < t.nx; i++)
        t.dx[i] -= a[i];
    for (long i = 0; i < t.nw; i++)
        t.dw[i] -= b[i];
    for (long i = 0; i < t.nb; i++)
        t.db[i] -= c[i];
    free(a), free(b), free(c);
}

static void tear_down(void)
{
    free(t.x), free(t.w), free(t.b), free(t.y), free(t.r), free(t.mean), free(t.rstd);
    free(t.dx), free(t.dw), free(t.db);
}

static double linear_loss(void)
{
    linear_forward(t.y, t.x, t.w, t.b, ROWS, IN, OUT);
    return dot(t.r, t.y, t.ny);
}

static void linear(void **state)
{
    (void)state;
    set_up(ROWS * IN, OUT * IN, OUT, ROWS * OUT);
    linear_backward(t.dx, t.dw, t.db, t.r, t.x, t.w, ROWS, IN, OUT);
    take_away_start();
    check(linear_loss, t.x, t.dx, t.nx);
    check(linear_loss, t.w, t.dw, t.nw);
    check(linear_loss, t.b, t.db, t.nb);
    tear_down();
}

static double layernorm_loss(void)
{
    layernorm_forward(t.y, t.mean, t.rstd, t.x, t.w, t.b, ROWS, IN, 1e-5);
    return dot(t.r, t.y, t.ny);
}

static void layernorm(void **state)
{
    (void)state;
    set_up(ROWS * IN, IN, IN, ROWS * IN);
    layernorm_loss();
    layernorm_backward(t.dx, t.dw, t.db, t.r, t.x, t.w, t.mean, t.rstd, ROWS, IN);
    take_away_start();
    check(layernorm_loss, t.x, t.dx, t.nx);
    check(layernorm_loss, t.w, t.dw, t.nw);
    check(layernorm_loss, t.b, t.db, t.nb);
    tear_down();
}

static void (*forward)(real *y, const real *x, long n);

static double elementwise_loss(void)
{
    forward(t.y, t.x, t.nx);
    return dot(t.r, t.y, t.ny);
}

static void elementwise(void (*f)(real *, const real *, long),
                        void (*backward)(real *, const real *, const real *, long),
                        int from_output)
{
    forward = f;
    set_up(ROWS * IN, 1, 1, ROWS * IN);
    elementwise_loss();
    backward(t.dx, t.r, from_output ? t.y : t.x, t.nx);
    take_away_start();
    check(elementwise_loss, t.x, t.dx, t.nx);
    tear_down();
}

static void activations(void **state)
{
    (void)state;
    elementwise(relu_forward, relu_backward, 0);
    elementwise(leaky_relu_forward, leaky_relu_backward, 0);
    elementwise(gelu_forward, gelu_backward, 0);
    elementwise(sigmoid_forward, sigmoid_backward, 1);
}

static double dropout_loss(void)
{
    dropout_forward(t.y, t.x, t.w, t.nx);
    return dot(t.r, t.y, t.ny);
}

static void dropout(void **state)
{
    rng r = rng_keyed("test dropout", 1, 0, 0);

    (void)state;
    set_up(ROWS * IN, ROWS * IN, 1, ROWS * IN);
    dropout_mask(t.w, t.nw, .4, &r);
    dropout_backward(t.dx, t.r, t.w, t.nx);
    take_away_start();
    check(dropout_loss, t.x, t.dx, t.nx);
    tear_down();
}

static double bce_loss(void)
{
    return bce_logits(NULL, t.x, t.w, t.nx, .3);
}

static void bce(void **state)
{
    (void)state;
    set_up(ROWS * IN, ROWS * IN, 1, 1);
    sigmoid_forward(t.w, t.w, t.nw); /* targets in (0, 1) */
    bce_logits(t.dx, t.x, t.w, t.nx, .3);
    take_away_start();
    check(bce_loss, t.x, t.dx, t.nx);
    tear_down();
}

static const int targets[ROWS] = { 0, 12, 3, -1, 5, 5, 1 };

static double entropy_loss(void)
{
    return softmax_cross_entropy(NULL, t.x, targets, ROWS, IN, .7);
}

static void cross_entropy(void **state)
{
    real *in_place;

    (void)state;
    set_up(ROWS * IN, 1, 1, 1);
    softmax_cross_entropy(t.dx, t.x, targets, ROWS, IN, .7);
    take_away_start();
    check(entropy_loss, t.x, t.dx, t.nx);
    in_place = gauss(1, t.nx);
    softmax_cross_entropy(in_place, in_place, targets, ROWS, IN, .7);
    check(entropy_loss, t.x, in_place, t.nx);
    free(in_place);
    tear_down();
}

static double squared_loss(void)
{
    return squared_error(NULL, NULL, t.x, t.w, t.nx, .2);
}

static void squared(void **state)
{
    (void)state;
    set_up(ROWS * IN, ROWS * IN, 1, 1);
    squared_error(t.dx, t.dw, t.x, t.w, t.nx, .2);
    take_away_start();
    check(squared_loss, t.x, t.dx, t.nx);
    check(squared_loss, t.w, t.dw, t.nw);
    tear_down();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear),  cmocka_unit_test(layernorm),
        cmocka_unit_test(activations), cmocka_unit_test(dropout),
        cmocka_unit_test(bce),     cmocka_unit_test(cross_entropy),
        cmocka_unit_test(squared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
