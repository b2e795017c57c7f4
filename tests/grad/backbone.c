/* Whole models that read windows, dropout on, against central differences in double. */
#include "cf/gru4rec.h"
#include "cf/nextitnet.h"
#include "cf/sasrec.h"
#include "differences.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define H 1e-5        /* step of the central difference */
#define GRAD_TOL 1e-8 /* H^2 truncation + 1e-16/H rounding, factor 30 to spare */

enum { ITEMS = 11, WIDTH = 6, MAXLEN = 5, WINDOWS = 5 };

/* A full window (no padding), short ones, a repeated item. */
static const int32_t item[WINDOWS * MAXLEN] = {
    0, 3, 10, 2, 7,   4, 4, -1, -1, -1,   9, -1, -1, -1, -1,
    1, 2, 5, 6, -1,   8, 7, 10, -1, -1,
};
static const int length[WINDOWS] = { 5, 2, 1, 4, 3 };

static struct backbone m;
static struct backbone_tape t;
static real *weight; /* of the fake loss, (R, d) */
static double dropout;

static double loss(void)
{
    double sum = 0;

    backbone_tape_batch(&t, item, length, WINDOWS, dropout, 3, 4);
    backbone_forward(&m, &t, 0, 2);
    backbone_forward(&m, &t, 2, WINDOWS);
    for (int w = 0; w < WINDOWS; w++)
        for (long i = (t.start[w] + 1L) * WIDTH; i < (long)t.start[w + 1] * WIDTH; i++)
            sum += t.out[i] * weight[i];
    return sum;
}

/* Gradients of everything, the item embeddings' from d_in. */
static real *gradient(void)
{
    real *grad = params_arena(&m.p);

    loss();
    for (long i = 0; i < (long)t.rows * WIDTH; i++)
        t.d_out[i] = weight[i];
    backbone_backward(&m, &t, grad, 0, 2);
    backbone_backward(&m, &t, grad, 2, WINDOWS);
    for (int w = 0; w < WINDOWS; w++)
        for (int i = 0; i < length[w]; i++)
            for (int j = 0; j < WIDTH; j++)
                grad[m.item_emb + (item[w * MAXLEN + i] + 1) * WIDTH + j] +=
                    t.d_in[(t.start[w] + 1L + i) * WIDTH + j];
    return grad;
}

static void check_tensor(const struct param *p, const real *grad)
{
    check_differences(loss, m.p.values + p->at, grad + p->at, params_length(p), H,
                      GRAD_TOL, p->name);
}

static void check_model(const struct backbone_kind *kind, struct backbone_shape shape,
                        double p)
{
    rng r = rng_keyed("test", 1, 0, 0);
    struct error e;
    real *grad;

    dropout = p;
    shape.items = ITEMS, shape.width = WIDTH, shape.maxlen = MAXLEN;
    assert_int_equal(backbone_new(&m, kind, shape, &e), 0);
    for (long i = 0; i < m.p.size; i++)
        m.p.values[i] = .5 * rng_normal(&r);
    backbone_tape_new(&t, &m, WINDOWS);
    weight = mem_new(WINDOWS * (MAXLEN + 1) * WIDTH, sizeof *weight);
    for (long i = 0; i < WINDOWS * (MAXLEN + 1) * WIDTH; i++)
        weight[i] = rng_normal(&r);
    grad = gradient();
    for (int i = 0; i < m.p.count; i++)
        check_tensor(&m.p.list[i], grad);
    free(grad);
    free(weight);
    backbone_tape_free(&t);
    backbone_free(&m);
}

static void sasrec(void **state)
{
    struct backbone_shape one = { .blocks = 2, .heads = 1 },
                          two = { .blocks = 2, .heads = 2 };

    (void)state;
    check_model(&sasrec_kind, one, 0);
    check_model(&sasrec_kind, one, .5);
    check_model(&sasrec_kind, two, .3);
}

static void gru4rec(void **state)
{
    struct backbone_shape one = { .blocks = 1, .hidden = 7 };
    struct backbone_shape three = { .blocks = 3, .hidden = 4 };

    (void)state;
    check_model(&gru4rec_kind, one, 0);
    check_model(&gru4rec_kind, three, 0);
    check_model(&gru4rec_kind, three, .4);
}

/* A dilation that reaches before every window is among them. */
static void nextitnet(void **state)
{
    struct backbone_shape two = { .blocks = 2, .kernel = 3, .dilation = { 1, 2 } };
    struct backbone_shape one = { .blocks = 1, .kernel = 2, .dilation = { 9 } };

    (void)state;
    check_model(&nextitnet_kind, two, 0);
    check_model(&nextitnet_kind, two, .4);
    check_model(&nextitnet_kind, one, .2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sasrec),
        cmocka_unit_test(gru4rec),
        cmocka_unit_test(nextitnet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
