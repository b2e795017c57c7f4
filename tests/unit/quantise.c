/* Quantised blocks against those of the Python package gguf, to the bit, and their
 * way back (tests/fixtures/gguf_files.py). */
#include "formats/gguf.h"
#include "formats/half.h"
#include "formats/quantise.h"
#include "util/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FILE_NAME "tests/fixtures/gguf_files/quantised.gguf"

static void bits_of_the_reference(void **state)
{
    static const enum quant_id types[] = { QUANT_F16, QUANT_BF16, QUANT_Q8_0, QUANT_Q4_0,
                                           QUANT_Q4_1 };
    struct error e = { "" };
    struct gguf *g = gguf_open(FILE_NAME, &e);
    const struct gguf_tensor *floats = g ? gguf_tensor(g, "floats", &e) : NULL;

    (void)state;
    if (!floats)
        fail_msg("%s", e.text);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const struct quant *q = dequant_find(types[i]);
        const struct gguf_tensor *t = gguf_tensor(g, q->name, &e);
        unsigned char *found;

        assert_non_null(t);
        found = mem_new(t->bytes, 1);
        quantise_find(types[i])(floats->data, floats->rows * floats->shape[0] / q->block,
                                found);
        for (size_t b = 0; b < t->bytes; b++)
            if (found[b] != ((const unsigned char *)t->data)[b])
                fail_msg("%s: byte %zu is %02x, the reference's %02x", q->name, b,
                         found[b], ((const unsigned char *)t->data)[b]);
        free(found);
    }
    gguf_close(g);
}

/* Every half float survives the way to float and back. */
static void halves_there_and_back(void **state)
{
    (void)state;
    for (uint32_t h = 0; h <= 0xffff; h++) {
        float f16 = half_from_f16((uint16_t)h), bf16 = half_from_bf16((uint16_t)h);

        if (f16 == f16)
            assert_int_equal(half_to_f16(f16), h);
        if (bf16 == bf16)
            assert_int_equal(half_to_bf16(bf16), h);
    }
}

static void halves_are_rounded_to_even(void **state)
{
    const struct {
        float from;
        uint16_t to;
    } pair[] = {
        { 1 + 0x1p-11f, 0x3c00 }, { 1 + 0x3p-11f, 0x3c02 }, { 1 + 0x1.01p-11f, 0x3c01 },
        { 65519, 0x7bff },        { 65520, 0x7c00 },        { -1e30f, 0xfc00 },
        { 0x1p-25f, 0 },          { 0x1.8p-24f, 2 },        { -0x1p-24f, 0x8001 },
        { 0x1.ffcp-15f, 0x400 },  { INFINITY, 0x7c00 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++)
        assert_int_equal(half_to_f16(pair[i].from), pair[i].to);
    assert_true(isnan(half_from_f16(half_to_f16(NAN))));
    assert_true(isnan(half_from_bf16(half_to_bf16(NAN))));
}

static void types_that_are_only_read(void **state)
{
    (void)state;
    assert_null(quantise_find(QUANT_Q4_K));
    assert_non_null(quantise_find(QUANT_F32));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_of_the_reference),
        cmocka_unit_test(halves_there_and_back),
        cmocka_unit_test(halves_are_rounded_to_even),
        cmocka_unit_test(types_that_are_only_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
