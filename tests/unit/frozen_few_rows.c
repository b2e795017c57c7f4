/* Thin products against plain loops; a row among others against it alone. */
#include "formats/quantise.h"
#include "frozen/frozen_few_rows.h"
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

/* sums of up to 700 floats of size 1 */
#define SUM_TOL 1e-4

enum { MOST = 11 };

static float *gauss(int n, uint64_t what)
{
    float *v = mem_new((size_t)n, sizeof *v);
    rng r = rng_keyed("thin", 1, what, 0);

    for (int i = 0; i < n; i++)
        v[i] = (float)rng_normal(&r);
    return v;
}

static void run(float *y, const float *x, const struct frozen *W, const float *bias,
                int n, bool add, int threads)
{
    struct thread_team team;

#pragma omp parallel num_threads(threads)
    {
        void *scratch = mem_new(frozen_few_rows_scratch(W, n), 1);
        struct share share = { &team, omp_get_thread_num(), omp_get_num_threads() };

#pragma omp single
        thread_team_begin(&team, share.size);
        frozen_few_rows_forward(y, x, W, bias, n, add, &share, scratch);
        thread_team_wait(&team);
        free(scratch);
    }
}

static double seen(float x, bool bf16)
{
    return bf16 ? (double)bf16_float(bf16_round(x)) : (double)x;
}

static void check(const struct frozen *W, const float *bias, bool add)
{
    float *x = gauss(MOST * W->in, 2), *row = gauss(W->in, 0);
    float *before = gauss(MOST * W->out, 3), *y = gauss(MOST * W->out, 3);
    float *one = mem_new((size_t)W->out, sizeof *one);
    bool bf16 = W->precision == FROZEN_BF16;
    size_t bytes = (size_t)W->out * sizeof *one;

    run(y, x, W, bias, MOST, add, 3);
    for (int o = 0; o < W->out; o++) {
        frozen_row(W, o, row);
        for (int i = 0; i < MOST; i++) {
            double want = (add ? (double)before[i * W->out + o] : 0)
                          + (bias ? (double)bias[o] : 0);

            for (int k = 0; k < W->in; k++)
                want += seen(x[i * W->in + k], bf16) * (double)row[k];
            if (!(fabs((double)y[i * W->out + o] - want) <= SUM_TOL * (1 + fabs(want))))
                fail_msg("(%d, %d) of %d x %d: %g, plain loops %g", i, o, W->out, W->in,
                         (double)y[i * W->out + o], want);
        }
    }
    for (int i = 0; i < MOST; i++) {
        memcpy(one, before + i * W->out, bytes);
        run(one, x + i * W->in, W, bias, 1, add, i % 2 + 1);
        assert_memory_equal(one, y + i * W->out, bytes);
    }
    free(x);
    free(row);
    free(before);
    free(y);
    free(one);
}

static void check_all(const struct frozen *W)
{
    float *bias = gauss(W->out, 4);

    for (int way = 0; way < 4; way++)
        check(W, way & 1 ? bias : NULL, way & 2);
    free(bias);
}

static void copy_row(real *row, int index, void *data)
{
    const struct frozen *W = data;

    memcpy(row, W->w + (size_t)index * (size_t)W->in, (size_t)W->in * sizeof *row);
}

static void expanded(void **state)
{
    static const int shape[][2] = { { 1, 1 }, { 3, 7 }, { 4, 16 }, { 50, 96 }, { 97, 33 },
                                    { 131, 700 } };

    (void)state;
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
        float *w = gauss(shape[i][0] * shape[i][1], 1);
        struct frozen W, B;

        frozen_borrow(&W, w, shape[i][0], shape[i][1]);
        check_all(&W);
        if (frozen_available(FROZEN_BF16)) {
            frozen_make(&B, FROZEN_BF16, W.out, W.in, copy_row, &W);
            check_all(&B);
            frozen_free(&B);
        }
        free(w);
    }
}

static void stored(void **state)
{
    static const enum quant_id types[] = { QUANT_F16, QUANT_Q8_0, QUANT_Q4_0,
                                           QUANT_Q4_1 };
    enum { OUT = 70, IN = 160 };
    float *w = gauss(OUT * IN, 1);

    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const struct quant *q = dequant_find(types[i]);
        size_t bytes = IN / q->block * q->bytes;
        unsigned char *data = mem_new(OUT, bytes);
        struct frozen_blocks s = { OUT, IN, 1, { { q, data, bytes, OUT, 0 } } };
        struct frozen W;

        quantise_find(types[i])(w, OUT * (IN / q->block), data);
        frozen_store(&W, FROZEN_STORED, &s);
        check_all(&W);
        frozen_store(&W, FROZEN_STORED_BF16, &s);
        check_all(&W);
        free(data);
    }
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expanded),
        cmocka_unit_test(stored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
