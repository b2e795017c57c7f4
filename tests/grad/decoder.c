/* The whole model's gradient, in double, along random directions of the input
 * embeddings, on a tree of segments. */
#include "llm/decoder_config.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define H 1e-5        /* step of the central difference */
#define GRAD_TOL 2e-8 /* H^2 truncation + 1e-16 / H rounding, factor 30 to spare */

enum { WIDTH = 18, NARROW = 10, DIM = 6, FF = 22, VOCAB = 31 };
enum { ROWS = 57, SEGMENTS = 7, WANTED = 9 };

static const struct decoder_config llama = {
    .layers = 3, .width = WIDTH, .heads = 6, .kv_heads = 2, .head_dim = DIM, .ff = FF,
    .vocab = VOCAB, .embed_width = WIDTH, .context = 64, .norm_eps = 1e-5,
    .rope_theta = 100,
};

static const struct decoder_config opt = {
    .layers = 3, .width = WIDTH, .heads = 3, .kv_heads = 3,
    .head_dim = DIM, .ff = FF, .vocab = VOCAB, .embed_width = WIDTH, .context = 64,
    .norm = DECODER_LAYERNORM, .positions = DECODER_LEARNED, .ff_kind = DECODER_RELU,
    .biases = DECODER_ALL_BIASES, .position_offset = 2, .norm_eps = 1e-5,
};

static const struct decoder_segment tree[SEGMENTS] = {
    { -1, 0, 20 }, { 0, 20, 24 }, { 1, 24, 25 }, { 1, 25, 27 },
    { 0, 27, 50 }, { 4, 50, 53 }, { -1, 53, ROWS },
};
static const int position[ROWS] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18,
    19, 20, 21, 22, 23, 24, 24, 25, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
    31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 0,  1,  2,  3,
};
static const int want[WANTED] = { 3, 19, 23, 24, 26, 40, 49, 52, 56 };
static const struct decoder_term term[] = {
    { 0, 4, false }, { 1, 30, false }, { 1, 2, false }, { 2, 7, false }, { 3, 7, true },
    { 3, 8, true },  { 4, 11, false }, { 4, 12, true }, { 5, 0, false }, { 7, 9, false },
    { 8, 1, true },
};
enum { TERMS = sizeof term / sizeof *term };

static bool is_scale(enum decoder_matrix what)
{
    return what == DECODER_FINAL_NORM || what == DECODER_ATTENTION_NORM
           || what == DECODER_FF_NORM || what == DECODER_ATTENTION_POST_NORM
           || what == DECODER_FF_POST_NORM || what == DECODER_Q_NORM
           || what == DECODER_K_NORM;
}

static void random_row(real *row, enum decoder_matrix what, int layer, int index,
                       void *data)
{
    rng r = rng_keyed("weights", 1, (uint64_t)(what * 100 + layer), (uint64_t)index);
    int rows, columns;

    decoder_shape(data, what, &rows, &columns);
    for (int j = 0; j < columns; j++)
        row[j] = is_scale(what) ? 1 + .2 * rng_normal(&r) : .35 * rng_normal(&r);
}

static real embeddings[ROWS * WIDTH], weight[TERMS];

static double loss(const struct decoder *m, struct decoder_workspace *w)
{
    struct decoder_pack p = { ROWS, embeddings, position, SEGMENTS, tree, WANTED, want };
    real out[TERMS];
    double sum = 0;

    decoder_forward(m, &p, w);
    decoder_logp(m, w, term, TERMS, out);
    for (int j = 0; j < TERMS; j++)
        sum += weight[j] * out[j];
    return sum;
}

static double shifted_loss(const struct decoder *m, struct decoder_workspace *w,
                           const real *direction, double by)
{
    double sum;

    for (int i = 0; i < ROWS * WIDTH; i++)
        embeddings[i] += by * direction[i];
    sum = loss(m, w);
    for (int i = 0; i < ROWS * WIDTH; i++)
        embeddings[i] -= by * direction[i];
    return sum;
}

/* Along a direction in which only rows [from, to) move. */
static void check_direction(const struct decoder *m, struct decoder_workspace *w,
                            const real *grad, int from, int to)
{
    int width = decoder_config(m)->embed_width;
    real direction[ROWS * WIDTH] = { 0 };
    rng r = rng_keyed("direction", 1, (uint64_t)from, (uint64_t)to);
    double got = 0, expected;

    for (int i = from * width; i < to * width; i++) {
        direction[i] = rng_normal(&r) / sqrt(width);
        got += direction[i] * grad[i];
    }
    expected = (shifted_loss(m, w, direction, H) - shifted_loss(m, w, direction, -H))
               / (2 * H);
    if (!(fabs(got - expected) <= GRAD_TOL * (1 + fabs(expected))))
        fail_msg("rows %d to %d: %.12g, differences give %.12g", from, to, got, expected);
}

/* grad (ROWS, embed_width) of loss */
static void gradient(real *grad, const struct decoder *m, enum decoder_keep keep)
{
    struct decoder_workspace *w = decoder_workspace_new(m, ROWS, WANTED, keep);

    loss(m, w);
    memcpy(grad, decoder_backward(m, w, term, weight, TERMS),
           (size_t)(ROWS * decoder_config(m)->embed_width) * sizeof *grad);
    decoder_workspace_free(w);
}

static void check_source(const struct decoder_config *c, bool tied, const double *factors)
{
    struct decoder_source source = {
        .row = random_row, .data = (void *)c, .tied = tied, .factors = factors
    };
    struct decoder *m = decoder_make(c, &source, FROZEN_REAL);
    struct decoder_workspace *w = decoder_workspace_new(m, ROWS, WANTED, DECODER_FORWARD);
    real grad[ROWS * WIDTH], again[ROWS * WIDTH];
    rng r = rng_keyed("input", 1, 0, 0);

    for (int i = 0; i < ROWS * WIDTH; i++)
        embeddings[i] = rng_normal(&r);
    for (int j = 0; j < TERMS; j++)
        weight[j] = rng_normal(&r);
    gradient(grad, m, DECODER_BACKWARD);
    gradient(again, m, DECODER_RECOMPUTE);
    assert_memory_equal(grad, again, sizeof *grad * (size_t)(ROWS * c->embed_width));
    check_direction(m, w, grad, 0, ROWS);
    for (int s = 0; s < SEGMENTS; s++)
        check_direction(m, w, grad, tree[s].first, tree[s].end);
    for (int row = 0; row < ROWS; row += 5)
        check_direction(m, w, grad, row, row + 1);
    decoder_workspace_free(w);
    decoder_free(m);
}

static void llama_tied(void **state)
{
    (void)state;
    check_source(&llama, true, NULL);
}

static void llama_untied_slow_rotation(void **state)
{
    const double factors[DIM / 2] = { 1, 2, 8 };

    (void)state;
    check_source(&llama, false, factors);
}

static void opt_norm_before(void **state)
{
    (void)state;
    check_source(&opt, true, NULL);
}

/* As OPT-350m. */
static void opt_norm_after_projected(void **state)
{
    struct decoder_config c = opt;

    (void)state;
    c.layer_kind = DECODER_NORM_AFTER;
    c.no_final_norm = true;
    c.embed_width = NARROW;
    check_source(&c, true, NULL);
}

static void opt_projected_untied_without_biases(void **state)
{
    struct decoder_config c = opt;

    (void)state;
    c.embed_width = NARROW;
    c.biases = 0;
    check_source(&c, false, NULL);
}

/* Norms around both halves, of each head's queries and keys, caps, and a window in which
 * every second layer sees, rotated by its own base. */
static void gemma_local_capped(void **state)
{
    struct decoder_config c = llama;

    (void)state;
    c.layer_kind = DECODER_NORM_AROUND;
    c.qk_norm = DECODER_QK_NORM_HEAD;
    c.ff_kind = DECODER_GELU_TANH_GLU;
    c.window = 7;
    c.layer_does[0] = c.layer_does[2] = DECODER_LOCAL;
    c.rope_theta_local = 20;
    c.attention_scale = .5;
    c.attention_cap = 2;
    c.logit_cap = 3;
    c.embed_factor = 1.5;
    check_source(&c, true, NULL);
}

static void olmo_norms_of_results(void **state)
{
    struct decoder_config c = llama;

    (void)state;
    c.layer_kind = DECODER_NORM_RESULT;
    c.qk_norm = DECODER_QK_NORM_ALL;
    check_source(&c, false, NULL);
}

static void neox_parallel_partly_rotated(void **state)
{
    struct decoder_config c = opt;

    (void)state;
    c.positions = DECODER_ROTARY;
    c.rope_theta = 100;
    c.rotated = 4;
    c.rope_magnitude = 1.1;
    c.layer_kind = DECODER_PARALLEL;
    c.ff_kind = DECODER_GELU;
    check_source(&c, false, NULL);
    c.ff_kind = DECODER_GELU_TANH;
    check_source(&c, true, NULL);
}

static void granite_factors_unrotated(void **state)
{
    struct decoder_config c = llama;

    (void)state;
    c.layer_does[1] = DECODER_UNROTATED;
    c.embed_factor = 3;
    c.residual_factor = .4;
    c.logit_factor = .5;
    c.biases = DECODER_QKV_BIAS;
    check_source(&c, true, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(llama_tied),
        cmocka_unit_test(llama_untied_slow_rotation),
        cmocka_unit_test(opt_norm_before),
        cmocka_unit_test(opt_norm_after_projected),
        cmocka_unit_test(opt_projected_untied_without_biases),
        cmocka_unit_test(gemma_local_capped),
        cmocka_unit_test(olmo_norms_of_results),
        cmocka_unit_test(neox_parallel_partly_rotated),
        cmocka_unit_test(granite_factors_unrotated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
