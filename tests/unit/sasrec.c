#include "cf/sasrec.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "../fixtures/sasrec/sasrec.h"

#define SAME_TOL 1e-5 /* float32 forward against float64, values near 1 */

static void load(struct backbone *m, int heads)
{
    struct backbone_shape shape = { SASREC_ITEMS, SASREC_WIDTH, SASREC_MAXLEN,
                                    SASREC_BLOCKS, heads };
    const float *from = sasrec_values;
    struct error e;

    assert_int_equal(backbone_new(m, &sasrec_kind, shape, &e), 0);
    for (size_t i = 0; i < sizeof sasrec_names / sizeof *sasrec_names; i++) {
        int at = params_find(&m->p, sasrec_names[i]);

        if (at < 0)
            fail_msg("no parameter is named %s", sasrec_names[i]);
        memcpy(m->p.values + m->p.list[at].at, from,
               (size_t)params_length(&m->p.list[at]) * sizeof *from);
        from += params_length(&m->p.list[at]);
    }
    assert_int_equal(from - sasrec_values, sizeof sasrec_values / sizeof *sasrec_values);
}

static void compare(int heads, const float *want)
{
    float got[SASREC_WINDOWS * SASREC_WIDTH];
    struct backbone m;

    load(&m, heads);
    backbone_represent(&m, got, sasrec_items, sasrec_lengths, SASREC_WINDOWS);
    for (int i = 0; i < SASREC_WINDOWS * SASREC_WIDTH; i++)
        if (!(fabsf(got[i] - want[i]) <= SAME_TOL * (1 + fabsf(want[i]))))
            fail_msg("window %d, number %d: %.9g, torch %.9g", i / SASREC_WIDTH,
                     i % SASREC_WIDTH, (double)got[i], (double)want[i]);
    backbone_free(&m);
}

static void forward_equals_torch(void **state)
{
    (void)state;
    compare(1, sasrec_want_1);
    compare(2, sasrec_want_2);
}

static void empty_windows_give_nan(void **state)
{
    static const int32_t item[2 * SASREC_MAXLEN] = { 3, 1 };
    static const int length[2] = { 0, 1 };
    float out[2 * SASREC_WIDTH];
    struct backbone m;

    (void)state;
    load(&m, 1);
    backbone_represent(&m, out, item, length, 2);
    assert_true(isnan(out[0]) && isnan(out[SASREC_WIDTH - 1]));
    assert_true(isfinite(out[SASREC_WIDTH]));
    backbone_free(&m);
}

static void threads_do_not_change_the_result(void **state)
{
    enum { MANY = 100 };
    static int32_t item[MANY * SASREC_MAXLEN];
    static int length[MANY];
    static float one[MANY * SASREC_WIDTH], three[MANY * SASREC_WIDTH];
    struct backbone m;

    (void)state;
    load(&m, 1);
    for (int i = 0; i < MANY; i++) {
        length[i] = 1 + i % SASREC_MAXLEN;
        for (int j = 0; j < length[i]; j++)
            item[i * SASREC_MAXLEN + j] = (i * 7 + j * 3) % SASREC_ITEMS;
    }
    omp_set_num_threads(1);
    backbone_represent(&m, one, item, length, MANY);
    omp_set_num_threads(3);
    backbone_represent(&m, three, item, length, MANY);
    assert_memory_equal(one, three, sizeof one);
    backbone_free(&m);
}

static void absurd_shapes_are_refused(void **state)
{
    static const struct backbone_shape absurd[] = {
        { 0, 8, 6, 2, 1 }, { 9, 8, 6, 99, 1 }, { 9, 8, 6, 2, 3 },
    };
    struct backbone m;
    struct error e;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(backbone_new(&m, &sasrec_kind, absurd[i], &e), -1);
        backbone_free(&m);
    }
    assert_string_equal(e.text, "width 8 is not a multiple of 3 heads");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_equals_torch),
        cmocka_unit_test(empty_windows_give_nan),
        cmocka_unit_test(threads_do_not_change_the_result),
        cmocka_unit_test(absurd_shapes_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
