/* The projectors' gradients against central differences, in double. */
#include "project/projector.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#define H 1e-5
#define GRAD_TOL 1e-8 /* H^2 truncation + 1e-16/H rounding, factor 30 to spare */

enum { ROWS = 5, IN = 6, WIDTH = 8 };

static real x[ROWS * IN], r[ROWS * WIDTH], y[ROWS * WIDTH];

static double loss(const struct projector *f, const struct params *p,
                   struct projector_state *s)
{
    double sum = 0;

    projector_forward(y, s, f, p, x, ROWS);
    for (int i = 0; i < ROWS * WIDTH; i++)
        sum += r[i] * y[i];
    return sum;
}

static void check_kind(enum projector_kind kind)
{
    struct params p = { 0 };
    struct projector f;
    struct projector_state *s;
    rng g = rng_keyed("test", 3, kind, 0);
    real *grad;

    projector_add(&f, &p, kind, IN, WIDTH, true);
    params_allocate(&p);
    projector_init(&f, &p, 7);
    for (int i = 0; i < ROWS * IN; i++)
        x[i] = rng_normal(&g);
    for (int i = 0; i < ROWS * WIDTH; i++)
        r[i] = rng_normal(&g);
    projector_set_rms(&f, &p, x, ROWS, .13);
    s = projector_state_new(&f, ROWS);
    loss(&f, &p, s);
    grad = params_arena(&p);
    projector_backward(grad, s, &f, &p, r);
    for (int t = 0; t < p.count; t++)
        for (long i = p.list[t].at; i < p.list[t].at + params_length(&p.list[t]); i++) {
            real kept = p.values[i];
            double up, down, want;

            p.values[i] = kept + H;
            up = loss(&f, &p, s);
            p.values[i] = kept - H;
            down = loss(&f, &p, s);
            p.values[i] = kept;
            want = (up - down) / (2 * H);
            if (!(fabs(grad[i] - want) <= GRAD_TOL * (1 + fabs(want))))
                fail_msg("%s: %.12g, differences give %.12g", p.list[t].name, grad[i],
                         want);
        }
    free(grad);
    projector_state_free(s);
    params_free(&p);
}

static void user_gradient(void **state)
{
    (void)state;
    check_kind(PROJECTOR_USER);
}

static void item_gradient(void **state)
{
    (void)state;
    check_kind(PROJECTOR_ITEM);
}

static void gain_gives_the_length(void **state)
{
    struct params p = { 0 };
    struct projector f;
    struct projector_state *s;
    double sum = 0;

    (void)state;
    projector_add(&f, &p, PROJECTOR_ITEM, IN, WIDTH, true);
    params_allocate(&p);
    projector_init(&f, &p, 1);
    projector_set_rms(&f, &p, x, ROWS, .136);
    s = projector_state_new(&f, ROWS);
    projector_forward(y, s, &f, &p, x, ROWS);
    for (int i = 0; i < ROWS * WIDTH; i++)
        sum += y[i] * y[i];
    assert_true(fabs(sqrt(sum / (ROWS * WIDTH)) - .136) < 1e-12);
    projector_state_free(s);
    params_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(user_gradient),
        cmocka_unit_test(item_gradient),
        cmocka_unit_test(gain_gives_the_length),
    };

    return cmocka_run_group_tests_name("projector", tests, NULL, NULL);
}
