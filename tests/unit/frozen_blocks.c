/* Products from stored blocks against plain loops over the same blocks as floats. */
#include "formats/quantise.h"
#include "frozen/bf16.h"
#include "frozen/frozen_blocks.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Sums of up to 1000 floats of size 1; in bf16 the loops multiply the same rounded
 * numbers. */
#define SUM_TOL 1e-4

static const enum quant_id written[] = { QUANT_F32, QUANT_F16, QUANT_BF16, QUANT_Q8_0,
                                         QUANT_Q4_0, QUANT_Q4_1 };

enum { TYPES = sizeof written / sizeof *written };

static float *gauss(int n, uint64_t what)
{
    float *v = mem_new((size_t)n, sizeof *v);
    rng r = rng_keyed("stored", 1, what, 0);

    for (int i = 0; i < n; i++)
        v[i] = (float)rng_normal(&r);
    return v;
}

static struct stored_part part(enum quant_id id, int rows, int in, int pairs)
{
    const struct quant *q = dequant_find(id);
    size_t bytes = (size_t)in / q->block * q->bytes;
    unsigned char *data = mem_new((size_t)rows, bytes);
    float *w = gauss(rows * in, (uint64_t)id);

    quantise_find(id)(w, (size_t)rows * ((size_t)in / q->block), data);
    free(w);
    return (struct stored_part){ q, data, bytes, rows, pairs };
}

static void free_parts(struct frozen_blocks *W)
{
    for (int p = 0; p < W->parts; p++)
        free((void *)W->part[p].data);
}

static double seen(float x, bool bf16)
{
    return bf16 ? (double)bf16_float(bf16_round(x)) : (double)x;
}

/* y (n, columns) against before + x (n, inner) times w (out, in) in one direction */
static void check(const float *y, const float *before, const float *x, const float *w,
                  const struct frozen_blocks *W, int n, bool back, bool bf16)
{
    int inner = back ? W->out : W->in, columns = back ? W->in : W->out;

    for (int i = 0; i < n; i++)
        for (int o = 0; o < columns; o++) {
            double want = before ? (double)before[i * columns + o] : 0, size = 1;

            for (int k = 0; k < inner; k++) {
                double product = seen(x[i * inner + k], bf16)
                                 * seen(back ? w[k * W->in + o] : w[o * W->in + k], bf16);

                want += product;
                size += fabs(product) / 32;
            }
            if (!(fabs((double)y[i * columns + o] - want) <= SUM_TOL * size))
                fail_msg("%s (%d, %d) of %d x %d, %d rows: %g, plain loops %g",
                         W->part[0].type->name, i, o, W->out, W->in, n,
                         (double)y[i * columns + o], want);
        }
}

/* Both directions, set and added, at one thread and at two. */
static void check_products(const struct frozen_blocks *W, int n, bool bf16)
{
    float *w = mem_new((size_t)(W->out * W->in), sizeof *w);
    int most = W->out > W->in ? W->out : W->in;
    float *x = gauss(n * most, 7), *before = gauss(n * most, 8);
    float *one = mem_new((size_t)(n * most), sizeof *one);
    float *two = mem_new((size_t)(n * most), sizeof *two);
    size_t bytes = (size_t)(n * most) * sizeof *one;
    bool rounded = bf16 && n > 4; /* few rows are computed in float */

    for (int i = 0; i < W->out; i++)
        frozen_blocks_row(W, i, 0, W->in, w + i * W->in);
    for (int way = 0; way < 4; way++) {
        bool back = way & 1, add = way & 2;

        memcpy(one, before, bytes);
        memcpy(two, before, bytes);
        omp_set_num_threads(1);
        (back ? frozen_blocks_backward : frozen_blocks_forward)(one, x, W, n, add, bf16);
        omp_set_num_threads(2);
        (back ? frozen_blocks_backward : frozen_blocks_forward)(two, x, W, n, add, bf16);
        assert_memory_equal(one, two, bytes);
        check(one, add ? before : NULL, x, w, W, n, back, rounded);
    }
    free(w);
    free(x);
    free(before);
    free(one);
    free(two);
}

static void check_type(enum quant_id id, bool bf16)
{
    static const struct {
        int n, out, in;
    } shape[] = {
        { 1, 50, 64 }, { 3, 130, 96 }, { 4, 64, 2080 }, { 5, 50, 64 }, { 9, 97, 544 },
        { 17, 500, 416 }, { 40, 33, 32 }, { 6, 1, 32 }, { 1, 1, 32 },
    };

    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
        struct frozen_blocks W = { shape[i].out, shape[i].in, 1,
                            { part(id, shape[i].out, shape[i].in, 0) } };

        check_products(&W, shape[i].n, bf16);
        free_parts(&W);
    }
}

static void products_equal_plain_loops(void **state)
{
    (void)state;
    for (int t = 0; t < TYPES; t++)
        check_type(written[t], false);
}

static void products_in_bf16_equal_plain_loops(void **state)
{
    (void)state;
    if (!bf16_available())
        skip();
    for (int t = 0; t < TYPES; t++)
        check_type(written[t], true);
}

/* Halves and floats have no blocks, so rows of any length. */
static void odd_lengths(void **state)
{
    (void)state;
    for (int t = 0; t < 3; t++)
        for (int bf16 = 0; bf16 <= bf16_available(); bf16++)
            for (int n = 1; n < 40; n += 11) {
                struct frozen_blocks W = { 101, 37, 1, { part(written[t], 101, 37, 0) } };

                check_products(&W, n, bf16);
                free_parts(&W);
            }
}

/* A matrix of three files' matrices, of several types, the first in llama.cpp's order
 * of rows. */
static void parts_of_several_types(void **state)
{
    (void)state;
    for (int n = 1; n < 20; n += 6) {
        struct frozen_blocks W = { 150, 64, 3, { part(QUANT_Q4_1, 48, 64, 16),
                                          part(QUANT_F16, 2, 64, 0),
                                          part(QUANT_Q8_0, 100, 64, 0) } };

        check_products(&W, n, false);
        check_products(&W, n, bf16_available());
        free_parts(&W);
    }
}

/* Row i of a head is its row 2 i, row i + half its row 2 i + 1. */
static void rows_of_pairs(void **state)
{
    struct frozen_blocks plain = { 32, 32, 1, { part(QUANT_F32, 32, 32, 0) } };
    struct frozen_blocks paired = plain;
    float a[32], b[32];

    (void)state;
    paired.part[0].pairs = 16;
    for (int i = 0; i < 32; i++) {
        int in = i % 16;

        frozen_blocks_row(&paired, i, 0, 32, a);
        frozen_blocks_row(&plain, i - in + (in < 8 ? 2 * in : 2 * (in - 8) + 1), 0, 32,
                          b);
        assert_memory_equal(a, b, sizeof a);
    }
    free_parts(&plain);
}

/* A stretch of a row is that of the whole row, wherever it is cut. */
static void stretches_of_rows(void **state)
{
    float whole[96], some[96];

    (void)state;
    for (int t = 0; t < TYPES; t++) {
        struct frozen_blocks W = { 2, 96, 1, { part(written[t], 2, 96, 0) } };

        frozen_blocks_row(&W, 1, 0, 96, whole);
        for (int from = 0; from < 96; from++)
            for (int n = 1; from + n <= 96; n++) {
                frozen_blocks_row(&W, 1, from, n, some);
                assert_memory_equal(some, whole + from, (size_t)n * sizeof *some);
            }
        free_parts(&W);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_equal_plain_loops),
        cmocka_unit_test(products_in_bf16_equal_plain_loops),
        cmocka_unit_test(odd_lengths),
        cmocka_unit_test(parts_of_several_types),
        cmocka_unit_test(rows_of_pairs),
        cmocka_unit_test(stretches_of_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
