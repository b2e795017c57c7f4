/* A Llama against transformers (tests/fixtures/tiny.py), and in bfloat16. */
#include "decoder_help.h"

/* products of numbers with 8 bits: 2^-9 each, here about .02 of a logit */
#define BF16_TOL .15
#define BF16_COSINE .995

#define EXPECTED "tests/fixtures/tiny/llama.expected"

static void gguf_equals_transformers(void **state)
{
    (void)state;
    compare(GGUF, FROZEN_REAL, EXPECTED);
}

static void folder_equals_transformers(void **state)
{
    (void)state;
    compare(FOLDER, FROZEN_REAL, EXPECTED);
}

static void stored_weights_give_the_same(void **state)
{
    (void)state;
    compare(GGUF, FROZEN_STORED, EXPECTED);
    compare(FOLDER, FROZEN_STORED, EXPECTED);
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
    decoder_add_backward(b);
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
