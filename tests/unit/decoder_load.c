/* Model files that ask for more than the usual, or for what we do not compute. */
#include "model_folder.h"

#include <math.h>

/* float against double, as in tests/unit/decoder.c */
#define LOGP_TOL 1e-4

#define GGUF "tests/fixtures/tiny/SmolLM2.gguf"
#define FOLDER "tests/fixtures/tiny/llama"

static void gguf_files_are_refused(void **state)
{
    const struct {
        const char *from, *to, *says;
        size_t size;
    } wrong[] = {
        { "blk.1.attn_q.weight", "blk.1.attn_x.weight", "blk.1.attn_q.weight", SIZE_MAX },
        { "blk.1.", "blk.7.", "blk.1.", SIZE_MAX },
        { "token_embd.weight", "token_ebmd.weight", "token_embd.weight", SIZE_MAX },
        { "llama.block_count", "llama.block_coumt", "block_count", SIZE_MAX },
        { "llama.attention.head_count_kv", "llama.attention.head_count_kw", "attn_k",
          SIZE_MAX },
        { NULL, NULL, "", 100000 },
        { NULL, NULL, "", 30 },
        { NULL, NULL, "", 0 },
    };
    char *path = file_join(folder, "m.gguf");

    (void)state;
    copy_with(GGUF, "m.gguf", NULL, NULL, SIZE_MAX);
    decoder_free(decoder_load(path, FROZEN_REAL, &(struct error){ "" }));
    copy_with(GGUF, "m.gguf", "llama", "mamba", SIZE_MAX);
    refused(path, "architecture 'mamba': expected 'llama' or 'opt'");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        copy_with(GGUF, "m.gguf", wrong[i].from, wrong[i].to, wrong[i].size);
        refused(path, wrong[i].says);
    }
    unlink(path);
    free(path);
}

/* A folder with the tiny weights and config.json changed; path is folder. */
static void make_folder(const char *from, const char *to)
{
    copy_with(FOLDER "/model.safetensors", "model.safetensors", NULL, NULL, SIZE_MAX);
    copy_with(FOLDER "/config.json", "config.json", from, to, SIZE_MAX);
}

static void folders_are_refused(void **state)
{
    const struct {
        const char *from, *to, *says;
    } wrong[] = {
        { "\"model_type\": \"llama\"", "\"model_type\": \"gpt2\"",
          "model_type 'gpt2': expected 'llama' or 'opt'" },
        { "\"silu\"", "\"gelu\"", "hidden_act 'gelu': expected 'silu'" },
        { "\"attention_bias\": false", "\"attention_bias\": true", "attention_bias" },
        { "\"rope_scaling\": null", "\"rope_scaling\": {\"rope_type\": \"yarn\"}",
          "'yarn'" },
        { "\"rope_scaling\": null", "\"rope_scaling\": {\"rope_type\": \"llama3\"}",
          "factor" },
        { "\"rope_scaling\": null", "\"quantization_config\": {}", "quantized" },
        { "\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3",
          "4 heads cannot share 3" },
        { "\"head_dim\": 12", "\"head_dim\": 13", "even" },
        { "\"head_dim\": 12", "\"head_dim\": 14", "q_proj" },
        { "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "layers.2." },
        { "\"vocab_size\": 600", "\"vocab_size\": 601", "embed_tokens" },
        { "\"tie_word_embeddings\"", "\"x\": 1, \"hidden_size\"", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        make_folder(wrong[i].from, wrong[i].to);
        refused(folder, wrong[i].says);
    }
}

/* ln p of tokens 6, 21, 41, 51 and 59 of the sequence i * 37 mod 600. */
static void check_sequence(const double *want)
{
    enum { N = 60, ASKED = 5 };
    const int asked[ASKED] = { 5, 20, 40, 50, 58 };
    struct error e;
    struct decoder *m = decoder_load(folder, FROZEN_REAL, &e);
    struct decoder_segment segment = { -1, 0, N };
    struct decoder_term term[ASKED];
    struct decoder_workspace *w;
    int position[N], width;
    real *x, out[ASKED];

    if (!m)
        fail_msg("%s", e.text);
    width = decoder_config(m)->embed_width;
    x = mem_new((size_t)(N * width), sizeof *x);
    for (int i = 0; i < N; i++) {
        position[i] = i;
        decoder_embed(m, i * 37 % 600, x + i * width);
    }
    for (int i = 0; i < ASKED; i++)
        term[i] = (struct decoder_term){ i, (asked[i] + 1) * 37 % 600, false };
    w = decoder_workspace_new(m, N, ASKED, DECODER_FORWARD);
    struct decoder_pack p = { N, x, position, 1, &segment, ASKED, asked };

    decoder_forward(m, &p, w);
    decoder_logp(m, w, term, ASKED, out);
    for (int i = 0; i < ASKED; i++)
        if (!(fabs((double)out[i] - want[i]) <= LOGP_TOL))
            fail_msg("token %d: %g, transformers %g", asked[i] + 1, (double)out[i],
                     want[i]);
    decoder_workspace_free(w);
    decoder_free(m);
    free(x);
}

/* Numbers from tests/fixtures/decoder_rope.py. */
static void rotations_equal_transformers(void **state)
{
#define LLAMA3                                                                         \
    "\"rope_type\": \"llama3\", \"factor\": 8.0, \"low_freq_factor\": 1.0, "           \
    "\"high_freq_factor\": 4.0, \"original_max_position_embeddings\": 64"
    const struct {
        const char *from, *to;
        double logp[5];
    } model[] = {
        { "\"rope_theta\": 10000.0", "\"rope_theta\": 500.0",
          { -8.364861, -9.084274, -4.066383, -10.407505, -7.947218 } },
        { "\"rope_scaling\": null", "\"rope_scaling\": {" LLAMA3 "}",
          { -8.174313, -5.536382, -10.515812, -9.448356, -13.225698 } },
        { "\"rope_scaling\": null", "\"rope_parameters\": {\"rope_theta\": 500.0, " LLAMA3
                                    "}",
          { -7.772416, -7.730915, -7.602445, -7.187155, -11.942582 } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof model / sizeof *model; i++) {
        make_folder(model[i].from, model[i].to);
        check_sequence(model[i].logp);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gguf_files_are_refused),
        cmocka_unit_test(folders_are_refused),
        cmocka_unit_test(rotations_equal_transformers),
    };

    return cmocka_run_group_tests(tests, make_temporary, remove_temporary);
}
