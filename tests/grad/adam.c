/* Adam against torch.optim on the same 20 gradients, in double. */
#include "nn/adam.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "../fixtures/adam/adam.h"

#define SAME_TOL 1e-13 /* the same formula in double; the order of products differs */

/* The numbers as a bias (ndim 1) or a matrix (2). */
static void run_shaped(const double *want, double decay, bool decoupled, int ndim,
                       bool decay_vectors)
{
    struct params p = { 0 };
    struct adam a;

    params_add(&p, ndim, ADAM_N, 1, "x");
    params_allocate(&p);
    memcpy(p.values, adam_start, sizeof adam_start);
    adam_new(&a, &p, 1e-2, .9, .98, 1e-8);
    a.decay = decay;
    a.decoupled = decoupled;
    a.decay_vectors = decay_vectors;
    for (int s = 0; s < ADAM_STEPS; s++) {
        real grad[16] = { 0 };

        memcpy(grad, adam_grads + s * ADAM_N, ADAM_N * sizeof *grad);
        adam_step(&a, &p, grad);
    }
    for (int i = 0; i < ADAM_N; i++)
        if (!(fabs(p.values[i] - want[i]) <= SAME_TOL))
            fail_msg("%d: %.17g, torch %.17g", i, p.values[i], want[i]);
    adam_free(&a);
    params_free(&p);
}

static void run(const double *want, double decay, bool decoupled)
{
    run_shaped(want, decay, decoupled, 1, true);
}

static void adam_equals_torch(void **state)
{
    (void)state;
    run(adam_plain, 0, false);
}

static void adam_with_l2_equals_torch(void **state)
{
    (void)state;
    run(adam_l2, .1, false);
}

static void adamw_equals_torch(void **state)
{
    (void)state;
    run(adamw, .1, true);
}

/* As two groups of torch's, the biases' without decay. */
static void biases_are_spared_by_option(void **state)
{
    (void)state;
    run_shaped(adam_plain, .1, true, 1, false);
    run_shaped(adam_plain, .1, false, 1, false);
    run_shaped(adamw, .1, true, 2, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adam_equals_torch),
        cmocka_unit_test(adam_with_l2_equals_torch),
        cmocka_unit_test(adamw_equals_torch),
        cmocka_unit_test(biases_are_spared_by_option),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
