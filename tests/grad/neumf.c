/* NeuMF, with dropout and without, against central differences in double. */
#include "cf/neumf.h"
#include "differences.h"
#include "nn/dropout.h"
#include "util/rng.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define H 1e-5        /* step of the central difference */
#define GRAD_TOL 1e-8 /* H^2 truncation + 1e-16/H rounding, factor 30 to spare */

enum { USERS = 3, ITEMS = 4, WIDTH = 3, LAYERS = 2, PAIRS = 7 };

static const int user[PAIRS] = { 0, 1, 1, 2, 0, 2, 2 },
                 item[PAIRS] = { 0, 3, 1, 2, 2, 2, 0 };
static const real weight[PAIRS] = { .3, -1.2, .7, 1.9, -.4, .8, -.6 };

static struct neumf m;
static struct neumf_tape t;

static double loss(void)
{
    double sum = 0;
    int V = neumf_width(&m);

    for (int i = 0; i < PAIRS; i++) {
        neumf_user(&m, t.u + i * V, user[i]);
        neumf_item(&m, t.v + i * V, item[i]);
    }
    neumf_forward(&m, &t, PAIRS);
    for (int i = 0; i < PAIRS; i++)
        sum += weight[i] * t.y[i];
    return sum;
}

/* Adds a row's gradient d (V), to the rows of GMF's and of MLP's table. */
static void add_row(real *grad, const real *d, int gmf, int mlp, int row)
{
    int G = m.shape.gmf, M = m.shape.mlp;

    for (int j = 0; j < G; j++)
        grad[m.table[gmf] + row * G + j] += d[j];
    for (int j = 0; j < M; j++)
        grad[m.table[mlp] + row * M + j] += d[G + j];
}

static real *gradient(void)
{
    real *grad = params_arena(&m.p);
    int V = neumf_width(&m);

    loss();
    memcpy(t.dy, weight, sizeof weight);
    neumf_backward(&m, &t, grad + m.dense, PAIRS);
    for (int i = 0; i < PAIRS; i++) {
        add_row(grad, t.du + i * V, NEUMF_USER_GMF, NEUMF_USER_MLP, user[i]);
        add_row(grad, t.dv + i * V, NEUMF_ITEM_GMF, NEUMF_ITEM_MLP, item[i]);
    }
    return grad;
}

static void check_tensor(const struct param *p, const real *grad)
{
    check_differences(loss, m.p.values + p->at, grad + p->at, params_length(p), H,
                      GRAD_TOL, p->name);
}

static void check(double dropout)
{
    rng r = rng_keyed("test", 1, 0, 0);
    struct error e;
    real *grad;

    assert_int_equal(neumf_new(&m, neumf_shape_of(USERS, ITEMS, WIDTH, LAYERS), &e), 0);
    for (long i = 0; i < m.p.size; i++)
        m.p.values[i] = .5 * rng_normal(&r);
    neumf_tape_new(&t, &m, PAIRS);
    t.drops = dropout > 0;
    for (int i = 0; i < LAYERS; i++)
        dropout_mask(t.mask[i], PAIRS * (i ? m.shape.out[0] : 2 * m.shape.mlp), dropout,
                     &r);
    grad = gradient();
    for (int i = 0; i < m.p.count; i++)
        check_tensor(&m.p.list[i], grad);
    free(grad);
    neumf_tape_free(&t);
    neumf_free(&m);
}

static void gradients(void **state)
{
    (void)state;
    check(0);
    check(.3);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(gradients) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
