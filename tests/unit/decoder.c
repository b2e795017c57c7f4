/* A Llama against transformers (tests/fixtures/tiny.py), and in bfloat16. */
#include "decoder_help.h"

/* float against double, 2 layers of width 48: errors of some 1e-6 */
#define LOGP_TOL 1e-4
/* the same, relative to the largest gradient of the prompt */
#define GRAD_TOL 1e-4

/* products of numbers with 8 bits: 2^-9 each, here about .02 of a logit */
#define BF16_TOL .15
#define BF16_COSINE .995

static double number(FILE *f)
{
    double v;

    assert_int_equal(fscanf(f, "%lf", &v), 1);
    return v;
}

static void compare_prompt(const struct decoder *m, FILE *f)
{
    int n, width = decoder_config(m)->embed_width, id[256];
    real *logp, *grad, *forward_only;
    double *want, most = 0;

    assert_int_equal(fscanf(f, " prompt %d text %*[^\n] ids", &n), 1);
    assert_in_range(n, 2, 256);
    for (int i = 0; i < n; i++)
        id[i] = (int)number(f);
    logp = mem_new((size_t)n, sizeof *logp);
    forward_only = mem_new((size_t)n, sizeof *logp);
    grad = mem_new((size_t)(n * width), sizeof *grad);
    want = mem_new((size_t)(n * width), sizeof *want);
    plain(m, id, n, logp, grad);
    plain(m, id, n, forward_only, NULL);
    assert_int_equal(fscanf(f, " logp%n", &(int){ 0 }), 0);
    for (int i = 0; i + 1 < n; i++) {
        double expected = number(f);

        if (!(fabs((double)logp[i] - expected) <= LOGP_TOL))
            fail_msg("token %d: %g, expected %g", i, (double)logp[i], expected);
        if (!(fabs((double)forward_only[i] - expected) <= LOGP_TOL))
            fail_msg("token %d, forward only: %g, expected %g", i,
                     (double)forward_only[i], expected);
    }
    assert_int_equal(fscanf(f, " grad%n", &(int){ 0 }), 0);
    for (int i = 0; i < n * width; i++) {
        want[i] = number(f);
        most = fmax(most, fabs(want[i]));
    }
    for (int i = 0; i < n * width; i++)
        if (!(fabs((double)grad[i] - want[i]) <= GRAD_TOL * most))
            fail_msg("gradient %d: %g, expected %g", i, (double)grad[i], want[i]);
    free(logp);
    free(forward_only);
    free(grad);
    free(want);
}

static void compare(const char *path, enum frozen_precision precision)
{
    struct decoder *m = load_as(path, precision);
    FILE *f = fopen("tests/fixtures/tiny/llama.expected", "r");
    int prompts;

    assert_non_null(f);
    assert_int_equal(fscanf(f, "prompts %d", &prompts), 1);
    assert_true(prompts > 0);
    while (prompts--)
        compare_prompt(m, f);
    fclose(f);
    decoder_free(m);
}

static void gguf_equals_transformers(void **state)
{
    (void)state;
    compare(GGUF, FROZEN_REAL);
}

static void folder_equals_transformers(void **state)
{
    (void)state;
    compare(FOLDER, FROZEN_REAL);
}

static void stored_weights_give_the_same(void **state)
{
    (void)state;
    compare(GGUF, FROZEN_STORED);
    compare(FOLDER, FROZEN_STORED);
}

/* Weights and activations with 8 bits: log-probabilities within some percent. */
static void near_in(enum frozen_precision precision)
{
    struct decoder *m, *b;
    int id[] = { 54, 395, 336, 459, 299, 19, 27, 27, 23, 11 }, n = 10, size;
    real logp[2][10], *grad[2];
    double dot = 0, norm[2] = { 0 };

    m = load(GGUF);
    b = load_as(GGUF, precision);
    size = n * decoder_config(m)->embed_width;
    for (int k = 0; k < 2; k++) {
        grad[k] = mem_new((size_t)size, sizeof(real));
        plain(k ? b : m, id, n, logp[k], grad[k]);
    }
    for (int i = 0; i + 1 < n; i++)
        assert_true(fabs((double)(logp[0][i] - logp[1][i])) <= BF16_TOL);
    for (int i = 0; i < size; i++) {
        dot += (double)grad[0][i] * (double)grad[1][i];
        for (int k = 0; k < 2; k++)
            norm[k] += (double)grad[k][i] * (double)grad[k][i];
    }
    assert_true(dot / sqrt(norm[0] * norm[1]) >= BF16_COSINE);
    free(grad[0]);
    free(grad[1]);
    decoder_free(m);
    decoder_free(b);
}

static void bf16_is_near(void **state)
{
    (void)state;
    if (!frozen_available(FROZEN_BF16))
        skip();
    near_in(FROZEN_BF16);
    near_in(FROZEN_STORED_BF16);
}

static void other_files_are_refused(void **state)
{
    const struct {
        const char *path, *says;
    } wrong[] = {
        { "tests/fixtures/tiny.py", "tests/fixtures/tiny.py" },
        { "tests/fixtures", "config.json" },
        { "tests/fixtures/none.gguf", "none.gguf" },
    };
    struct error e;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_null(decoder_load(wrong[i].path, FROZEN_REAL, &e));
        if (!strstr(e.text, wrong[i].says))
            fail_msg("'%s' does not say '%s'", e.text, wrong[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gguf_equals_transformers),
        cmocka_unit_test(folder_equals_transformers),
        cmocka_unit_test(stored_weights_give_the_same),
        cmocka_unit_test(bf16_is_near),
        cmocka_unit_test(other_files_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
