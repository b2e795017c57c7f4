/* The CF backbones beside SASRec: what torch computes of the same weights. */
#include "models/gru4rec.h"
#include "models/nextitnet.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../fixtures/backbones/backbones.h"

#define SAME_TOL 1e-5 /* float32 forward against float64, values near 1 */
#define COUNT(list) (sizeof(list) / sizeof *(list))

/* The state_dict's tensors, one after the other. */
static void load(struct params *p, const char *const *names, size_t count,
                 const float *values, size_t numbers)
{
    const float *from = values;

    assert_int_equal(p->count, count);
    for (size_t i = 0; i < count; i++) {
        int at = params_find(p, names[i]);

        if (at < 0)
            fail_msg("no parameter is named %s", names[i]);
        memcpy(p->values + p->list[at].at, from,
               (size_t)params_length(&p->list[at]) * sizeof *from);
        from += params_length(&p->list[at]);
    }
    assert_int_equal(from - values, numbers);
}

static void near(const float *got, const float *want, int n, const char *what)
{
    for (int i = 0; i < n; i++)
        if (!(fabsf(got[i] - want[i]) <= SAME_TOL * (1 + fabsf(want[i]))))
            fail_msg("%s, number %d: %.9g, torch %.9g", what, i, (double)got[i],
                     (double)want[i]);
}

static void make(struct backbone *m, const struct backbone_kind *kind,
                 struct backbone_shape shape)
{
    struct error e;

    shape.items = ITEMS, shape.width = WIDTH, shape.maxlen = MAXLEN;
    assert_int_equal(backbone_new(m, kind, shape, &e), 0);
}

static const struct backbone_shape gru1 = { .blocks = 1, .hidden = HIDDEN };
static const struct backbone_shape gru2 = { .blocks = 2, .hidden = HIDDEN };
static const struct backbone_shape net = { .blocks = 2, .kernel = 3, .dilation = { 1, 2 } };

#define EQUALS_TORCH(kind, name)                                                       \
    do {                                                                               \
        float got[WINDOWS * WIDTH];                                                    \
        struct backbone m;                                                             \
                                                                                       \
        make(&m, &kind, name);                                                         \
        load(&m.p, name##_names, COUNT(name##_names), name##_values,                   \
             COUNT(name##_values));                                                    \
        backbone_represent(&m, got, window_items, window_lengths, WINDOWS);            \
        near(got, name##_want, WINDOWS * WIDTH, #name);                                \
        backbone_free(&m);                                                             \
    } while (0)

static void forward_equals_torch(void **state)
{
    (void)state;
    EQUALS_TORCH(gru4rec_kind, gru1);
    EQUALS_TORCH(gru4rec_kind, gru2);
    EQUALS_TORCH(nextitnet_kind, net);
}

static void threads_do_not_change(const struct backbone_kind *kind,
                                  struct backbone_shape shape)
{
    enum { MANY = 150 };
    static int32_t item[MANY * MAXLEN];
    static int length[MANY];
    static float one[MANY * WIDTH], three[MANY * WIDTH];
    struct backbone m;

    make(&m, kind, shape);
    backbone_init(&m, 3);
    for (int i = 0; i < MANY; i++) {
        length[i] = i % (MAXLEN + 1);
        for (int j = 0; j < length[i]; j++)
            item[i * MAXLEN + j] = (i * 7 + j * 3) % ITEMS;
    }
    omp_set_num_threads(1);
    backbone_represent(&m, one, item, length, MANY);
    omp_set_num_threads(3);
    backbone_represent(&m, three, item, length, MANY);
    assert_memory_equal(one, three, sizeof one);
    assert_true(isnan(one[0]) && isfinite(one[WIDTH]));
    backbone_free(&m);
}

static void threads_do_not_change_the_result(void **state)
{
    (void)state;
    threads_do_not_change(&gru4rec_kind, gru2);
    threads_do_not_change(&nextitnet_kind, net);
}

static void absurd_shapes_are_refused(void **state)
{
    struct backbone_shape bad = { 9, 8, 6, 1, .hidden = 0 };
    struct backbone m;
    struct error e;

    (void)state;
    assert_int_equal(backbone_new(&m, &gru4rec_kind, bad, &e), -1);
    assert_string_equal(e.text, "no GRU4Rec can have 0 hidden units");
    backbone_free(&m);
    bad.kernel = 3;
    assert_int_equal(backbone_new(&m, &nextitnet_kind, bad, &e), -1);
    assert_string_equal(e.text, "no NextItNet can have a dilation of 0");
    backbone_free(&m);
}

static void dilations_are_read_strictly(void **state)
{
    static const char *const bad[] = { "", "0", "1,", ",1", "1,,2", "1 2", "x", "4097",
                                       "-1", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1" };
    int dilation[BACKBONE_MAX_BLOCKS];
    char *text;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(nextitnet_dilations(dilation, bad[i]), -1);
    assert_int_equal(nextitnet_dilations(dilation, "1,4,16"), 3);
    text = nextitnet_dilations_text(dilation, 3);
    assert_string_equal(text, "1,4,16");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_equals_torch),
        cmocka_unit_test(threads_do_not_change_the_result),
        cmocka_unit_test(absurd_shapes_are_refused),
        cmocka_unit_test(dilations_are_read_strictly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
