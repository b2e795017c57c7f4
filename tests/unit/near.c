#include "util/near.h"
#include "util/processor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const words[] = { "dropout", "dim", "seed", "steps", "uniform", NULL };

static void near_words(void **state)
{
    (void)state;
    assert_string_equal(near_word("dropot", words), "dropout");
    assert_string_equal(near_word("unifrom", words), "uniform");
    assert_string_equal(near_word("sed", words), "seed");
    assert_string_equal(near_word("stesp", words), "steps");
    assert_string_equal(near_word("uniformly", words), "uniform");
}

static void case_and_beginnings(void **state)
{
    static const char *const names[] = { "GRU4Rec", "SmolLM2.gguf", "smollm",
                                         "minilm",  "MiniLM",       NULL };

    (void)state;
    assert_string_equal(near_word("gru", names), "GRU4Rec");
    assert_string_equal(near_word("SmolLM2.GGUF", names), "SmolLM2.gguf");
    assert_string_equal(near_word("SMOLLM2.", names), "smollm"); /* edits before ends */
    assert_string_equal(near_word("MiniLM", names), "MiniLM"); /* as it is before case */
    assert_string_equal(near_word("MINILM", names), "minilm");
    assert_null(near_word("gr", names));
}

static void words_that_are_far(void **state)
{
    (void)state;
    assert_null(near_word("", words));
    assert_null(near_word("x", words));
    assert_null(near_word("sd", words)); /* two edits of two letters */
    assert_null(near_word("diff", words));
    assert_null(near_word("popularity", words));
}

static void parts_of_a_processor(void **state)
{
    unsigned avx2 = 1u << PROCESSOR_AVX2, wide = 1u << PROCESSOR_AVX512F;

    (void)state;
    assert_null(processor_missing(avx2, avx2 | wide));
    assert_null(processor_missing(processor_needed, ~0u));
    assert_string_equal(processor_missing(avx2 | wide, 0), "avx2");
    assert_string_equal(processor_missing(avx2 | wide, avx2), "avx512f");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(near_words),
        cmocka_unit_test(case_and_beginnings),
        cmocka_unit_test(words_that_are_far),
        cmocka_unit_test(parts_of_a_processor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
