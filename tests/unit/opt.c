/* OPT against transformers (tests/fixtures/opt.py); folders that are refused. */
#include "decoder_help.h"
#include "model_folder.h"

#define OPT "tests/fixtures/opt/"

static void norm_before_equals_transformers(void **state)
{
    (void)state;
    compare(OPT "before", FROZEN_REAL, OPT "before.expected");
    compare(OPT "before", FROZEN_STORED, OPT "before.expected");
}

/* As OPT-350m. */
static void norm_after_equals_transformers(void **state)
{
    (void)state;
    compare(OPT "after", FROZEN_REAL, OPT "after.expected");
    compare(OPT "after", FROZEN_STORED, OPT "after.expected");
}

static void pickles_equal_transformers(void **state)
{
    (void)state;
    compare(OPT "after-pickle", FROZEN_REAL, OPT "after.expected");
}

/* bfloat16 of these sizes is exact in F16. */
static void gguf_equals_transformers(void **state)
{
    (void)state;
    compare(OPT "after.gguf", FROZEN_REAL, OPT "after.expected");
    compare(OPT "after.gguf", FROZEN_STORED, OPT "after.expected");
}

static void gguf_files_are_refused(void **state)
{
    const struct {
        const char *from, *to, *says;
    } wrong[] = {
        { "blk.1.attn_q.bias", "blk.1.attn_x.bias", "blk.1.attn_q.bias" },
        { "position_embd.weight", "position_xxxx.weight", "position_embd.weight" },
        { "token_embd_in.weight", "token_embd_xx.weight", "token_embd_in.weight" },
        { "opt.embedding_projection_length", "opt.embedding_projection_lengtx",
          "'opt.embedding_projection_lengtx' is not a key" },
        { "opt.norm_before", "opt.norm_xxxxxx", "'opt.norm_xxxxxx' is not a key" },
        { "opt.attention.layer_norm_epsilon", "opt.attention.layer_norm_epsilox",
          "opt.attention.layer_norm_epsilon" },
        { "opt.context_length", "opt.context_lengtx", "opt.context_length" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char *path = file_join(folder, "m.gguf");

        assert_int_equal(strlen(wrong[i].from), strlen(wrong[i].to));
        copy_with(OPT "after.gguf", "m.gguf", wrong[i].from, wrong[i].to, SIZE_MAX);
        refused(path, wrong[i].says);
        free(path);
    }
}

static void config_is_read(void **state)
{
    struct decoder *m = load(OPT "after");
    const struct decoder_config *c = decoder_config(m);

    (void)state;
    assert_int_equal(c->width, 32);
    assert_int_equal(c->embed_width, 20);
    assert_int_equal(c->context, 256);
    assert_true(c->layer_kind == DECODER_NORM_AFTER && c->no_final_norm && c->biases);
    decoder_free(m);
}

/* The same bytes, whatever is kept; and less memory. */
static void recomputing_changes_nothing(void **state)
{
    const char *const path[] = { OPT "before", OPT "after", GGUF };
    int id[40], n = 40;

    (void)state;
    for (int i = 0; i < n; i++)
        id[i] = i * 37 % 400;
    for (size_t k = 0; k < sizeof path / sizeof *path; k++) {
        struct decoder *m = load(path[k]);
        size_t size = (size_t)(n * decoder_config(m)->embed_width);
        real logp[2][40], *kept = mem_new(size, sizeof *kept);
        real *again = mem_new(size, sizeof *again);

        plain_keeping(m, id, n, DECODER_BACKWARD, logp[0], kept);
        plain_keeping(m, id, n, DECODER_RECOMPUTE, logp[1], again);
        assert_memory_equal(logp[0], logp[1], (size_t)(n - 1) * sizeof(real));
        assert_memory_equal(kept, again, size * sizeof(real));
        assert_true(decoder_workspace_need(m, n, n, DECODER_RECOMPUTE)
                    < decoder_workspace_need(m, n, n, DECODER_BACKWARD));
        assert_true(decoder_workspace_need(m, n, n, DECODER_FORWARD)
                    < decoder_workspace_need(m, n, n, DECODER_RECOMPUTE));
        free(kept);
        free(again);
        decoder_free(m);
    }
}

/* What a new workspace says that it took is what was foretold. */
static void need_is_what_is_taken(void **state)
{
    const enum decoder_keep keep[] = { DECODER_FORWARD, DECODER_BACKWARD,
                                       DECODER_RECOMPUTE };

    (void)state;
    for (int bf16 = 0; bf16 <= frozen_available(FROZEN_BF16); bf16++) {
        struct decoder *m = load_as(OPT "after", bf16 ? FROZEN_BF16 : FROZEN_REAL);

        for (int i = 0; i < 3; i++) {
            struct decoder_workspace *w = decoder_workspace_new(m, 33, 7, keep[i]);

            assert_int_equal(decoder_workspace_bytes(w),
                             decoder_workspace_need(m, 33, 7, keep[i]));
            decoder_workspace_free(w);
        }
        decoder_free(m);
    }
}

static void link_into(const char *name, const char *target)
{
    char *path = file_join(folder, name), *from = realpath(target, NULL);

    assert_non_null(from);
    unlink(path);
    assert_int_equal(symlink(from, path), 0);
    free(path);
    free(from);
}

static void folders_are_refused(void **state)
{
    const struct {
        const char *from, *to, *says;
    } wrong[] = {
        { "\"relu\"", "\"gelu\"", "activation_function 'gelu': expected 'relu'" },
        { "\"model_type\": \"opt\"", "\"model_type\": \"mamba\"",
          "model_type 'mamba': expected 'llama', " },
        { "\"prefix\": \"</s>\"", "\"layer_norm_elementwise_affine\": false",
          "layer_norm_elementwise_affine false is not supported" },
        { "\"prefix\": \"</s>\"", "\"enable_bias\": false", ".bias' has no place" },
        { "\"prefix\": \"</s>\"", "\"quantization_config\": {}", "quantized" },
        { "\"word_embed_proj_dim\": 20", "\"word_embed_proj_dim\": 32",
          "tensor 'model.decoder.embed_tokens.weight': expected [408, 32], "
          "found [408, 20]" },
        { "\"word_embed_proj_dim\": 20", "\"word_embed_proj_dim\": 0",
          "word_embed_proj_dim" },
        { "\"max_position_embeddings\": 256", "\"max_position_embeddings\": 512",
          "tensor 'model.decoder.embed_positions.weight': expected [514, 32], found "
          "[258, 32]" },
        { "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3",
          "has no tensor 'model.decoder.layers.2." },
        { "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1",
          "has more layers than config.json's 1" },
        { "\"num_attention_heads\": 4", "\"num_attention_heads\": 5",
          "a width of 32 cannot be shared by 5 heads" },
        { "\"ffn_dim\": 64", "\"ffn_dim\": 65", "fc1.weight': expected [65, 32]" },
        { "\"ffn_dim\": 64", "\"ffn_dims\": 64", "ffn_dim" },
        { "\"do_layer_norm_before\": false", "\"do_layer_norm_before\": true",
          "has no tensor 'model.decoder.final_layer_norm.weight'" },
        { "\"do_layer_norm_before\": false", "\"do_layer_norm_before\": 1",
          "do_layer_norm_before" },
    };

    (void)state;
    link_into("model.safetensors", OPT "after/model.safetensors");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        copy_with(OPT "after/config.json", "config.json", wrong[i].from, wrong[i].to,
                  SIZE_MAX);
        refused(folder, wrong[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norm_before_equals_transformers),
        cmocka_unit_test(norm_after_equals_transformers),
        cmocka_unit_test(pickles_equal_transformers),
        cmocka_unit_test(gguf_equals_transformers),
        cmocka_unit_test(gguf_files_are_refused),
        cmocka_unit_test(config_is_read),
        cmocka_unit_test(recomputing_changes_nothing),
        cmocka_unit_test(need_is_what_is_taken),
        cmocka_unit_test(folders_are_refused),
    };

    return cmocka_run_group_tests(tests, make_temporary, remove_temporary);
}
