/* Which kernels of OpenBLAS a processor is better served by than by those that OpenBLAS
 * chose. */
#include "nn/blas.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void kernels_that_suit_stay(void **state)
{
    (void)state;
    assert_null(blas_better("SkylakeX", true, true));
    assert_null(blas_better("SapphireRapids", true, true));
    assert_null(blas_better("Haswell", false, true));
    assert_null(blas_better("Zen", false, true));
    assert_null(blas_better("Nehalem", false, false));
    assert_null(blas_better("armv8", false, false));
}

static void lesser_kernels_are_replaced(void **state)
{
    (void)state;
    assert_string_equal(blas_better("Prescott", true, true), "SKYLAKEX");
    assert_string_equal(blas_better("Haswell", true, true), "SKYLAKEX");
    assert_string_equal(blas_better("Zen", true, true), "SKYLAKEX");
    assert_string_equal(blas_better("Prescott", false, true), "HASWELL");
    assert_string_equal(blas_better("Sandybridge", false, true), "HASWELL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_that_suit_stay),
        cmocka_unit_test(lesser_kernels_are_replaced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
