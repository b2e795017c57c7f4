/* Which weights a validated training keeps, and when it stops. */
#include "history/validation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void the_best_and_the_patience(void **state)
{
    struct validation v = { .every = 2, .patience = 2 }, never = { .every = 2 };
    struct validation_best best = { 0 };

    (void)state;
    assert_false(validation_judge(&best, 2, NAN));
    assert_true(validation_judge(&best, 4, .3));
    assert_false(validation_judge(&best, 6, .3));
    assert_false(validation_is_over(&v, &best));
    assert_true(validation_judge(&best, 8, .4));
    assert_false(validation_judge(&best, 10, NAN));
    assert_false(validation_is_over(&v, &best));
    assert_false(validation_judge(&best, 12, .39));
    assert_true(validation_is_over(&v, &best));
    assert_false(validation_is_over(&never, &best));
    assert_int_equal(best.epoch, 8);
    assert_float_equal(best.worth, .4, 0);
}

static void something_to_validate_on(void **state)
{
    struct validation v = { .every = 5, .patience = 5 };
    struct error e;

    (void)state;
    assert_int_equal(validation_begin(&v, true, &e), 0);
    assert_int_equal(v.every, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_and_the_patience),
        cmocka_unit_test(something_to_validate_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
