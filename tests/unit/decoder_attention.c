/* Attention by products in bfloat16 against the same in float. */
#include "decoder_help.h"

#include "llm/decoder_parts.h"
#include "util/rng.h"

/* Numbers with 8 bits: 2^-9 of each, and what a softmax makes of that in scores of some
 * units; relative to the largest of what is compared. */
#define BF16_TOL .02

enum { ROWS = 133, SEGMENTS = 5, WINDOW = 11 };

/* Ranges of rows that begin and end anywhere, more than a block of queries. */
static const struct decoder_segment tree[SEGMENTS] = {
    { -1, 0, 50 }, { 0, 50, 75 }, { 0, 75, 115 }, { 2, 115, 119 }, { -1, 119, 133 },
};

struct numbers {
    real *qkv, *attended, *lse, *dattended, *dqkv;
};

static real *gauss(size_t n, uint64_t what)
{
    rng r = rng_keyed("attention", 1, what, 0);
    real *x = mem_new(n, sizeof *x);

    for (size_t i = 0; i < n; i++)
        x[i] = (real)rng_normal(&r);
    return x;
}

static void free_numbers(struct numbers *x)
{
    free(x->qkv);
    free(x->attended);
    free(x->lse);
    free(x->dattended);
    free(x->dqkv);
}

/* Attention and its gradient, of every query or of those that `want` names. */
static struct numbers run(const struct decoder_config *c, enum frozen_precision precision,
                          int queries, const int *want, int window)
{
    struct decoder_layer layer = { .qkv.w.precision = precision };
    struct decoder m = { .c = *c, .layer = &layer };
    struct decoder_workspace *w = decoder_workspace_new(&m, ROWS, ROWS, DECODER_BACKWARD);
    int *position = counting(ROWS, 0);
    struct decoder_pack p = { ROWS, NULL, position, SEGMENTS, tree, 0, NULL };
    size_t wide = (size_t)decoder_qkv_width(c), q = (size_t)queries;
    size_t heads = (size_t)c->heads, out = heads * (size_t)c->head_dim;
    struct numbers x = { gauss(ROWS * wide, 1), gauss(q * out, 2), gauss(q * heads, 3),
                         gauss(q * out, 4), gauss(ROWS * wide, 5) };
    struct decoder_plan *plan = &w->all[0];

    w->rows = ROWS;
    decoder_plan_make(plan, &p, w, queries, want, window);
    decoder_attention_forward(x.attended, x.lse, x.qkv, plan, c, w);
    decoder_attention_backward(x.dqkv, x.dattended, x.qkv, x.lse, plan, c, w);
    decoder_workspace_free(w);
    free(position);
    return x;
}

static void near(const char *what, const real *want, const real *got, size_t n)
{
    double largest = 0;
    size_t different = 0;

    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs((double)want[i]));
    for (size_t i = 0; i < n; i++) {
        double off = fabs((double)(got[i] - want[i]));

        if (!(off <= BF16_TOL * largest))
            fail_msg("%s %zu: %g, in float %g", what, i, (double)got[i], (double)want[i]);
        different += off > 0;
    }
    assert_true(different > 0); /* it was in bfloat16 */
}

static void check(const struct decoder_config *c, int queries, const int *want,
                  int window)
{
    struct numbers x = run(c, FROZEN_REAL, queries, want, window);
    struct numbers y = run(c, FROZEN_BF16, queries, want, window);
    size_t heads = (size_t)c->heads, q = (size_t)queries;

    near("attended", x.attended, y.attended, q * heads * (size_t)c->head_dim);
    near("lse", x.lse, y.lse, q * heads);
    near("gradient", x.dqkv, y.dqkv, ROWS * (size_t)decoder_qkv_width(c));
    free_numbers(&x);
    free_numbers(&y);
}

static void bf16_is_near(void **state)
{
    const struct decoder_config kind[] = {
        { .layers = 1, .width = 64, .ff = 64, .embed_width = 64, .heads = 9,
          .kv_heads = 3, .head_dim = 64 },
        { .layers = 1, .width = 64, .ff = 64, .embed_width = 64, .heads = 4,
          .kv_heads = 4, .head_dim = 20 },
        { .layers = 1, .width = 64, .ff = 64, .embed_width = 64, .heads = 5,
          .kv_heads = 1, .head_dim = 80, .attention_cap = 4 },
    };
    int some[] = { 3, 49, 50, 74, 90, 117, 118, 132 };

    (void)state;
    if (!frozen_available(FROZEN_BF16))
        skip();
    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
        check(&kind[i], ROWS, NULL, 0);
        check(&kind[i], ROWS, NULL, WINDOW);
        check(&kind[i], sizeof some / sizeof *some, some, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(bf16_is_near) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
