/* Hugging Face folders whose weights lack what the model needs. */
#include "model_folder.h"

#include "formats/safetensors.h"

#define LLMS "tests/fixtures/llms/"

/* folder/model.safetensors: the tensors of `from` but for the one named `without`, and
 * before them the one that `with` is; either may be NULL. */
static void write_weights(const char *from, const char *without,
                          const struct safetensor *with)
{
    char *to = file_join(folder, "model.safetensors");
    struct error e;
    safetensors *f = safetensors_open(from, &e);
    struct safetensor *list;
    long n = 0;

    assert_non_null(f);
    list = mem_new((size_t)safetensors_count(f) + 1, sizeof *list);
    if (with)
        list[n++] = *with;
    for (long i = 0; i < safetensors_count(f); i++)
        if (!without || strcmp(safetensors_at(f, i)->name, without))
            list[n++] = *safetensors_at(f, i);
    assert_int_equal(n, safetensors_count(f) + (with ? 1 : 0) - (without ? 1 : 0));
    unlink(to);
    assert_int_equal(safetensors_write(to, list, n, &e), 0);
    safetensors_close(f);
    free(list);
    free(to);
}

static void make_model(const char *family, const char *without,
                       const struct safetensor *with)
{
    char *config = mem_format(LLMS "%s/config.json", family);
    char *weights = mem_format(LLMS "%s/model.safetensors", family);

    copy_with(config, "config.json", NULL, NULL, SIZE_MAX);
    write_weights(weights, without, with);
    free(config);
    free(weights);
}

/* The token table would answer in its place, with other numbers. */
static void models_without_their_head_are_refused(void **state)
{
    static const char *const untied[] = { "llama-yarn", "mistral", "ministral", "olmo2",
                                          "phi3", "qwen2-window", "qwen3", "gpt_neox" };
    struct decoder *m;
    struct error e;

    (void)state;
    for (size_t i = 0; i < sizeof untied / sizeof *untied; i++) {
        bool neox = !strcmp(untied[i], "gpt_neox");

        make_model(untied[i], neox ? "embed_out.weight" : "lm_head.weight", NULL);
        refused(folder, neox ? "has no tensor 'embed_out.weight', and config.json's "
                               "tie_word_embeddings is not true"
                             : "has no tensor 'lm_head.weight', and config.json's "
                               "tie_word_embeddings is not true");
    }
    make_model("qwen2", NULL, NULL);
    m = decoder_load(folder, FROZEN_REAL, &e);
    assert_non_null(m);
    decoder_free(m);
    copy_with(LLMS "qwen2/config.json", "config.json", "\"tie_word_embeddings\"",
              "\"x\"", SIZE_MAX); /* not tied, where qwen2's says nothing */
    refused(folder, "has no tensor 'lm_head.weight'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_without_their_head_are_refused),
    };

    return cmocka_run_group_tests(tests, make_temporary, remove_temporary);
}
