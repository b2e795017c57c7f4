/* The CF backbones beside SASRec: what torch computes of the same weights. */
#include "cf/gru4rec.h"
#include "cf/neumf.h"
#include "cf/nextitnet.h"

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
static const struct backbone_shape net = { .blocks = 2, .kernel = 3,
                                         .dilation = { 1, 2 } };

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

/* Forward in a batch, and the scorer, which is another way to the same. */
static void neumf_equals_torch(void **state)
{
    enum { V = 3 * WIDTH };
    float item[ITEMS * V], got[PAIRS], score[ITEMS];
    struct neumf_scorer s;
    struct neumf_tape t;
    struct neumf m;
    struct error e;

    (void)state;
    assert_int_equal(neumf_new(&m, neumf_shape_of(USERS, ITEMS, WIDTH, 2), &e), 0);
    assert_int_equal(neumf_width(&m), V);
    load(&m.p, neumf_names, COUNT(neumf_names), neumf_values, COUNT(neumf_values));
    for (int i = 0; i < ITEMS; i++)
        neumf_item(&m, item + i * V, i);
    neumf_tape_new(&t, &m, PAIRS);
    neumf_scorer_new(&s, &m, item, ITEMS);
    for (int i = 0; i < PAIRS; i++) {
        neumf_user(&m, t.u + i * V, pairs[2 * i]);
        memcpy(t.v + i * V, item + pairs[2 * i + 1] * V, V * sizeof *item);
        neumf_score(&s, t.u + i * V, pairs[2 * i + 1], 1, &got[i]);
        neumf_score(&s, t.u + i * V, 0, ITEMS, score);
        assert_memory_equal(&got[i], &score[pairs[2 * i + 1]], sizeof *got);
    }
    neumf_forward(&m, &t, PAIRS);
    near(t.y, neumf_want, PAIRS, "neumf");
    near(got, neumf_want, PAIRS, "its scores");
    t.u[0] = NAN;
    neumf_score(&s, t.u, 0, 1, got);
    assert_true(isnan(got[0]));
    neumf_scorer_free(&s);
    neumf_tape_free(&t);
    neumf_free(&m);
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
    assert_int_equal(backbone_new(&m, &gru4rec_kind, (struct backbone_shape){ 0 }, &e),
                     -1);
    backbone_free(&m);
}

static void absurd_networks_are_refused(void **state)
{
    struct neumf m;
    struct error e;

    (void)state;
    assert_int_equal(neumf_new(&m, neumf_shape_of(3, 3, 1, 9), &e), -1);
    assert_int_equal(neumf_new(&m, neumf_shape_of(3, 3, 0, 1), &e), -1);
    assert_string_equal(e.text, "no NeuMF can have 3 users, 3 items, vectors of 0 and 0, "
                                "1 layers");
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
        cmocka_unit_test(neumf_equals_torch),
        cmocka_unit_test(threads_do_not_change_the_result),
        cmocka_unit_test(absurd_shapes_are_refused),
        cmocka_unit_test(absurd_networks_are_refused),
        cmocka_unit_test(dilations_are_read_strictly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
