/* Stage 1: the whole loss's gradient against differences, and 20 steps of training
 * against PyTorch, in double. */
#include "align/align.h"

#include "nn/adam.h"
#include "util/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../fixtures/align/align.h"

#define H 1e-5
#define GRAD_TOL 1e-7 /* H^2 truncation of curved losses + 1e-16/H, factor 30 to spare */
#define TORCH_TOL 1e-11 /* the same formulas; 20 steps let rounding grow */

static real E[ITEMS * D], Q[ITEMS * TEXT], X[BATCH * D];
static const real *x[BATCH] = { X, X + D, X + 2 * D };

static void wave(real *v, long n, double phase, double amplitude)
{
    for (long k = 0; k < n; k++)
        v[k] = amplitude * sin(.7 * (double)k + phase);
}

static void tower_wave(const struct align *m, const struct tower *t, double phase)
{
    for (int l = 0; l < t->layers; l++) {
        wave(m->p.values + t->weight[l], (long)t->width[l] * t->width[l + 1], phase + l,
             .6);
        wave(m->p.values + t->bias[l], t->width[l + 1], phase + l + .5, .2);
    }
}

/* The tiny case at its start: hiddens 0 to 4. */
static void set_up(struct align *m, struct align_work *w, const struct align_options *o,
                   int hiddens)
{
    struct tower_shape item = { D, JOINT, { 7, 6, 8, 5 }, hiddens }, text = item;
    struct error e;

    wave(E, ITEMS * D, .1, 1);
    wave(Q, ITEMS * TEXT, .2, .5);
    wave(X, BATCH * D, .3, 2);
    text.in = TEXT;
    assert_int_equal(align_new(m, o, item, text, &e), 0);
    align_init(m, 1);
    tower_wave(m, &m->item, 1);
    tower_wave(m, &m->text, 2);
    align_work_new(w, m, BATCH);
}

static void tear_down(struct align *m, struct align_work *w)
{
    align_work_free(w);
    align_free(m);
}

/* Targets and negatives of step s; an item comes twice. */
static void batch_items(int32_t *item, int s)
{
    for (int i = 0; i < BATCH; i++) {
        item[i] = (s + 5 * i) % ITEMS;
        item[BATCH + i] = (s + 5 * i + 5) % ITEMS;
    }
}

static void check_gradient(struct align_options o, int hiddens)
{
    int32_t item[2 * BATCH];
    struct align_batch b = { BATCH, x, item, E, Q };
    struct align m;
    struct align_work w;
    real *grad;

    set_up(&m, &w, &o, hiddens);
    batch_items(item, 0);
    grad = params_arena(&m.p);
    align_loss(&m, &w, &b, true, 1, 1);
    align_gradient(&m, &w, &b, grad);
    for (long i = 0; i < m.p.size; i++) {
        real kept = m.p.values[i];
        double up, down, want;

        m.p.values[i] = kept + H;
        up = align_loss(&m, &w, &b, true, 1, 1).total;
        m.p.values[i] = kept - H;
        down = align_loss(&m, &w, &b, true, 1, 1).total;
        m.p.values[i] = kept;
        want = (up - down) / (2 * H);
        if (!(fabs(grad[i] - want) <= GRAD_TOL * (1 + fabs(want))))
            fail_msg("number %ld: %.12g, differences give %.12g", i, grad[i], want);
    }
    free(grad);
    tear_down(&m, &w);
}

static const struct align_options all_on = {
    .match = &match_mse, .match_weight = 1.3, .alpha = .5, .beta = .2, .rec = .7,
    .rec_loss = &rec_bce, .temperature = .07, .text_scale = 1.5,
};

static void gradient_of_squares(void **state)
{
    struct align_options o = all_on;

    (void)state;
    check_gradient(o, 0);
    o.targets_only = o.mean_similarity = true;
    check_gradient(o, 0);
}

/* The decoder learns from e and from q, whose gradient goes on into the text tower. */
static void gradient_of_text_through_the_item_decoder(void **state)
{
    struct align_options o = all_on;

    (void)state;
    o.rec_text = .9;
    check_gradient(o, 0);
    o.cross = .4;
    check_gradient(o, 0);
    check_gradient(o, 2);
    o.dropout = .2;
    o.mean_similarity = true;
    check_gradient(o, 2);
    o.targets_only = true;
    o.match = &match_infonce;
    check_gradient(o, 2);
    o.rec = o.alpha = o.beta = o.match_weight = 0;
    check_gradient(o, 0);
}

static void gradient_of_choice(void **state)
{
    struct align_options o = all_on;

    (void)state;
    o.rec_loss = &rec_choice;
    check_gradient(o, 0);
    o.rec_text = .9;
    o.cross = .4;
    check_gradient(o, 2);
    o.rec = 0;
    check_gradient(o, 0);
}

static void gradient_of_infonce(void **state)
{
    struct align_options o = all_on;

    (void)state;
    o.match = &match_infonce;
    check_gradient(o, 0);
    o.learn_temperature = true;
    o.alpha = o.beta = 0;
    check_gradient(o, 0);
    o.rec = 0;
    check_gradient(o, 2);
}

static void gradient_of_deep_towers_with_dropout(void **state)
{
    struct align_options o = all_on;

    (void)state;
    check_gradient(o, 4);
    o.dropout = .2;
    check_gradient(o, 2);
    check_gradient(o, 4);
}

/* A term that is off changes neither loss nor any gradient but its own. */
static void terms_are_off_alone(void **state)
{
    int32_t item[2 * BATCH];
    struct align_batch b = { BATCH, x, item, E, Q };
    struct align_options o = all_on;
    struct align_parts all, one;
    struct align m;
    struct align_work w;

    (void)state;
    batch_items(item, 3);
    set_up(&m, &w, &o, 0);
    all = align_loss(&m, &w, &b, false, 1, 1);
    assert_true(all.match > 0 && all.item_recon > 0 && all.text_recon > 0 && all.rec > 0);
    for (int off = 0; off < 4; off++) {
        m.o = all_on;
        *(double *[]){ &m.o.match_weight, &m.o.alpha, &m.o.beta, &m.o.rec }[off] = 0;
        one = align_loss(&m, &w, &b, false, 1, 1);
        assert_true(one.match == (off == 0 ? 0 : all.match));
        assert_true(one.item_recon == (off == 1 ? 0 : all.item_recon));
        assert_true(one.text_recon == (off == 2 ? 0 : all.text_recon));
        assert_true(one.rec == (off == 3 ? 0 : all.rec));
    }
    tear_down(&m, &w);
}

static void expect(const char *what, int i, double got, double want)
{
    if (!(fabs(got - want) <= TORCH_TOL * (1 + fabs(want))))
        fail_msg("%s %d: %.17g, torch %.17g", what, i, got, want);
}

/* Trains as the fixture did; end: the tensors in their order, without gaps. */
static void train(struct align_options o, int hiddens, double decay, const double *loss,
                  const double *end)
{
    int32_t item[2 * BATCH];
    struct align_batch b = { BATCH, x, item, E, Q };
    struct align m;
    struct align_work w;
    struct adam a;
    real *grad;
    int at = 0;

    set_up(&m, &w, &o, hiddens);
    grad = params_arena(&m.p);
    adam_new(&a, &m.p, 1e-2, .9, .98, 1e-8);
    a.decay = decay;
    a.decoupled = true;
    for (int s = 0; s < STEPS; s++) {
        batch_items(item, s);
        expect("loss", s, align_loss(&m, &w, &b, true, 1, (uint64_t)s).total, loss[s]);
        align_gradient(&m, &w, &b, grad);
        adam_step(&a, &m.p, grad);
    }
    for (int t = 0; t < m.p.count; t++)
        for (long i = 0; i < params_length(&m.p.list[t]); i++, at++)
            expect(m.p.list[t].name, (int)i, m.p.values[m.p.list[t].at + i], end[at]);
    adam_free(&a);
    free(grad);
    tear_down(&m, &w);
}

static const struct align_options torch = {
    .match = &match_mse, .match_weight = 1, .alpha = .5, .beta = .2, .rec = 1,
    .rec_loss = &rec_bce, .temperature = .07, .text_scale = 1,
};

static void published_equals_torch(void **state)
{
    struct align_options o = torch;

    (void)state;
    o.mean_similarity = true;
    train(o, 0, 0, published_loss, published_end);
}

static void infonce_equals_torch(void **state)
{
    struct align_options o = torch;

    (void)state;
    o.match = &match_infonce;
    o.learn_temperature = true;
    train(o, 0, 0, contrast_loss, contrast_end);
}

static void deep_with_adamw_equals_torch(void **state)
{
    (void)state;
    train(torch, 4, .1, deep_loss, deep_end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_of_squares),
        cmocka_unit_test(gradient_of_text_through_the_item_decoder),
        cmocka_unit_test(gradient_of_choice),
        cmocka_unit_test(gradient_of_infonce),
        cmocka_unit_test(gradient_of_deep_towers_with_dropout),
        cmocka_unit_test(terms_are_off_alone),
        cmocka_unit_test(published_equals_torch),
        cmocka_unit_test(infonce_equals_torch),
        cmocka_unit_test(deep_with_adamw_equals_torch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
