/* Quantised blocks against those of the Python package gguf, to the bit, and their
 * way back (tests/fixtures/gguf_files.py). */
#include "formats/gguf.h"
#include "formats/quantise.h"
#include "util/half.h"
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
    assert_null(quantise_find(QUANT_IQ4_XS));
    assert_non_null(quantise_find(QUANT_F32));
}

/* The root mean square of what is lost, of numbers like weights, against theirs. */
static double lost(enum quant_id id, const float *x, size_t n)
{
    const struct quant *q = dequant_find(id);
    unsigned char *blocks = mem_new(n / q->block, q->bytes);
    float *back = mem_new(n, sizeof *back);
    double error = 0, square = 0;

    quantise_find(id)(x, n / q->block, blocks);
    q->floats(blocks, n / q->block, back);
    for (size_t i = 0; i < n; i++) {
        double d = (double)back[i] - (double)x[i];

        error += d * d;
        square += (double)x[i] * (double)x[i];
    }
    free(blocks);
    free(back);
    return sqrt(error / square);
}

/* Normal numbers: what is lost is less than by the plain types of as many bits, which
 * lose .087 (Q4_0) and .0054 (Q8_0); zeros and a block of one sign come back too. */
static void k_types_lose_little(void **state)
{
    enum { N = 256 * 64 };
    float *x = mem_new(N, sizeof *x), zero[256] = { 0 }, back[256];
    const enum quant_id types[] = { QUANT_Q4_K, QUANT_Q5_K, QUANT_Q6_K };
    const double most[] = { .078, .040, .020 };
    unsigned char block[256];
    uint64_t seed = 1;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        double sum = 0;

        for (int k = 0; k < 12; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            sum += (double)(seed >> 40) / 16777216;
        }
        x[i] = (float)((sum - 6) * .02);
        if (i < 256)
            x[i] = fabsf(x[i]) + .1f;
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        double all = lost(types[i], x + 256, N - 256), positive = lost(types[i], x, 256);

        if (!(all < most[i]) || !(positive < most[i]))
            fail_msg("%s: loses %g, of numbers of one sign %g", dequant_name(types[i]),
                     all, positive);
        quantise_find(types[i])(zero, 1, block);
        dequant_find(types[i])->floats(block, 1, back);
        for (int k = 0; k < 256; k++)
            assert_true(back[k] == 0);
    }
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_of_the_reference),
        cmocka_unit_test(k_types_lose_little),
        cmocka_unit_test(halves_there_and_back),
        cmocka_unit_test(halves_are_rounded_to_even),
        cmocka_unit_test(types_that_are_only_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
