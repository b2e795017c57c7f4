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
        { "llama.attention.head_count_kv", "llama.attention.head_count_kw",
          "'llama.attention.head_count_kw' is not a key", SIZE_MAX },
        { NULL, NULL, "", 100000 },
        { NULL, NULL, "", 30 },
        { NULL, NULL, "", 0 },
    };
    char *path = file_join(folder, "m.gguf");

    (void)state;
    copy_with(GGUF, "m.gguf", NULL, NULL, SIZE_MAX);
    decoder_free(decoder_load(path, FROZEN_REAL, &(struct error){ "" }));
    copy_with(GGUF, "m.gguf", "llama", "mamba", SIZE_MAX);
    refused(path, "architecture 'mamba': expected 'llama', ");
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
        { "\"model_type\": \"llama\"", "\"model_type\": \"mamba\"",
          "model_type 'mamba': expected 'llama', " },
        { "\"silu\"", "\"gelu\"", "hidden_act 'gelu': expected 'silu'" },
        { "\"attention_bias\": false", "\"attention_bias\": true", "q_proj.bias" },
        { "\"rope_scaling\": null", "\"rope_scaling\": {\"rope_type\": \"yarn\"}",
          "factor" },
        { "\"rope_scaling\": null", "\"rope_scaling\": {\"rope_type\": \"ntk\"}",
          "'ntk'" },
        { "\"rope_scaling\": null", "\"rope_scaling\": {\"rope_type\": \"llama3\"}",
          "factor" },
        { "\"rope_scaling\": null", "\"rope_scaling\": {\"factor\": 8.0}", "of no type" },
        { "\"rope_scaling\": null", "\"partial_rotary_factor\": 0.5",
          "\"partial_rotary_factor\"" },
        { "\"rope_scaling\": null",
          "\"rope_parameters\": {\"partial_rotary_factor\": 0.5}",
          "partial_rotary_factor 0.5" },
        { "\"rope_scaling\": null", "\"sliding_window\": 16", "\"sliding_window\"" },
        { "\"rope_scaling\": null", "\"final_logit_softcapping\": 30.0",
          "\"final_logit_softcapping\"" },
        { "\"rope_scaling\": null", "\"logit_scale\": 0.0625", "\"logit_scale\"" },
        { "\"rope_scaling\": null", "\"residual_multiplier\": 0.22",
          "\"residual_multiplier\"" },
        { "\"rope_scaling\": null", "\"num_local_experts\": 8", "\"num_local_experts\"" },
        { "\"rope_scaling\": null", "\"use_qk_norm\": true", "\"use_qk_norm\"" },
        { "\"mlp_bias\": false", "\"mlp_bias\": true", "mlp_bias" },
        { "\"rope_scaling\": null", "\"quantization_config\": {}", "quantized" },
        { "\"rope_scaling\": null",
          "\"quantization_config\": {\"bits\": 4, \"quant_method\": \"gptq\"}",
          "quantized by gptq are not read here: take the model's folder from before "
          "that, or a GGUF file of the model" },
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

/* Keys that are there and ask for nothing. */
static void idle_keys_are_taken(void **state)
{
    const char *const to[] = {
        "\"sliding_window\": 4096",
        "\"sliding_window\": 16, \"use_sliding_window\": false",
        "\"logit_scale\": 1.0, \"final_logit_softcapping\": null, \"use_qk_norm\": false",
        "\"layer_types\": [\"full_attention\", \"full_attention\"]",
        "\"num_local_experts\": 0, \"pretraining_tp\": 1, \"attention_dropout\": 0.1",
        "\"quantization_config\": null, \"num_experts\": null",
        "\"quantization_config\": false, \"num_experts\": 0",
        "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 1.0}",
        "\"rope_scaling\": {\"rope_type\": \"default\"}, \"rope_interleaved\": false",
    };

    (void)state;
    for (size_t i = 0; i < sizeof to / sizeof *to; i++) {
        struct error e = { "" };
        struct decoder *m;

        make_folder("\"rope_scaling\": null", to[i]);
        m = decoder_load(folder, FROZEN_REAL, &e);
        if (!m)
            fail_msg("%s: %s", to[i], e.text);
        decoder_free(m);
    }
}

/* ln p of tokens 6, 21, 41, 51 and 59 of the sequence i * 37 mod 600, whose tokens stand
 * `step` positions apart, from the model at path. */
static void check_spread(const char *path, int step, const double *want)
{
    enum { N = 60, ASKED = 5 };
    const int asked[ASKED] = { 5, 20, 40, 50, 58 };
    struct error e;
    struct decoder *m = decoder_load(path, FROZEN_REAL, &e);
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
        position[i] = i * step;
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

static void check_sequence(const double *want)
{
    check_spread(folder, 1, want);
}

/* Numbers from tests/fixtures/llama_rope.py. */
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

enum { U32 = 4, F32 = 6, BOOL = 7, STRING = 8 };

static size_t put(unsigned char *out, size_t at, const void *data, size_t n)
{
    memcpy(out + at, data, n);
    return at + n;
}

static size_t put_u32(unsigned char *out, size_t at, uint32_t v)
{
    return put(out, at, &v, sizeof v);
}

static size_t put_text(unsigned char *out, size_t at, const char *text)
{
    uint64_t n = strlen(text);

    return put(out, put(out, at, &n, sizeof n), text, n);
}

/* m.gguf: the tiny model where llama.vocab_size, which nothing reads, has become another
 * key with a value of 4 bytes, or with a text.  general.name takes up the difference, so
 * that the tensors stay where they are. */
static void make_gguf(const char *key, uint32_t kind, uint32_t value, const char *text)
{
    static const char gone[] = "llama.vocab_size", padded[] = "general.name";
    enum { NAME = 20, ALIGNMENT = 32, ENTRY = 8 + sizeof gone - 1 + 4 + 4 };
    struct mapped m;
    struct error e;
    unsigned char *out;
    const unsigned char *v, *name;
    size_t n, longer = strlen(key) - (sizeof gone - 1);

    assert_int_equal(file_map(&m, GGUF, &e), 0);
    out = mem_new(m.size + 4096, 1);
    v = memmem(m.data, m.size, gone, sizeof gone - 1);
    name = memmem(m.data, m.size, padded, sizeof padded - 1);
    assert_true(name && v && name < v);
    longer += text ? 8 + strlen(text) - 4 : kind == BOOL ? (size_t)-3 : 0;
    n = put(out, 0, m.data, (size_t)(name - m.data) + sizeof padded - 1 + 4);
    char filler[NAME + ALIGNMENT + 1] = { 0 };
    memset(filler, 'x', NAME + (ALIGNMENT - longer % ALIGNMENT) % ALIGNMENT);
    n = put_text(out, n, filler);
    name += sizeof padded - 1 + 4 + 8 + NAME;
    n = put(out, n, name, (size_t)(v - 8 - name));
    n = put_u32(out, put_text(out, n, key), kind);
    n = text ? put_text(out, n, text) : put_u32(out, n, value) - (kind == BOOL ? 3 : 0);
    v += ENTRY - 8;
    n = put(out, n, v, m.size - (size_t)(v - m.data));
    write_file("m.gguf", out, n);
    free(out);
    file_unmap(&m);
}

static uint32_t bits(float f)
{
    uint32_t u;

    memcpy(&u, &f, sizeof u);
    return u;
}

static void gguf_keys_are_read_or_refused(void **state)
{
    const struct {
        const char *key;
        uint32_t kind, value;
        const char *text, *says; /* NULL: it loads */
    } file[] = {
        { "llama.vocab_size", U32, 600, NULL, NULL },
        { "llama.rope.scaling.type", STRING, 0, "none", NULL },
        { "llama.rope.scaling.type", STRING, 0, "linear", NULL },
        { "llama.rope.scaling.type", STRING, 0, "yarn", NULL },
        { "llama.rope.scaling.type", STRING, 0, "ntk", "rope scaling 'ntk'" },
        { "llama.rope.scaling.factor", F32, bits(-8), NULL, "-8: expected more than 0" },
        { "llama.rope.scaling.factor", F32, bits(NAN), NULL, "nan: expected more" },
        { "llama.rope.scaling.attn_factor", F32, bits(1), NULL, NULL },
        { "llama.rope.scaling.attn_factor", F32, bits(1.25f), NULL, NULL },
        { "llama.rope.scaling.attn_factor", F32, bits(-1), NULL, "-1: expected more" },
        { "llama.rope.scaling.yarn_ext_factor", F32, bits(2), NULL, "is 2: only 1" },
        { "llama.attention.sliding_window", U32, 0, NULL, NULL },
        { "llama.attention.sliding_window", U32, 64, NULL, NULL },
        { "llama.attention.causal", BOOL, 1, NULL, NULL },
        { "llama.attention.causal", STRING, 0, "no", "'llama.attention.causal' is nan" },
        { "llama.logit_scale", F32, bits(0.0625f), NULL, "llama.logit_scale" },
        { "llama.final_logit_softcapping", F32, bits(30), NULL, "softcapping' is 30" },
        { "llama.expert_count", U32, 8, NULL, "a mixture of 8 experts" },
        { "llama.a_new_idea", U32, 0, NULL, "'llama.a_new_idea' is not a key" },
        { "mamba.ssm.inner_size", U32, 8, NULL, NULL }, /* of another architecture */
    };
    char *path = file_join(folder, "m.gguf");

    (void)state;
    for (size_t i = 0; i < sizeof file / sizeof *file; i++) {
        struct error e = { "" };
        struct decoder *m;

        make_gguf(file[i].key, file[i].kind, file[i].value, file[i].text);
        if (file[i].says) {
            refused(path, file[i].says);
            continue;
        }
        m = decoder_load(path, FROZEN_REAL, &e);
        if (!m)
            fail_msg("%s: %s", file[i].key, e.text);
        decoder_free(m);
    }
    unlink(path);
    free(path);
}

/* Linear scaling divides positions: tokens that stand 8 apart, by a factor of 8, are
 * those of the model without.  Numbers from tests/fixtures/llama_linear.py. */
static void linear_scaling_divides_positions(void **state)
{
    const double plain[] = { -7.952743, -9.438259, -5.045662, -10.320487, -10.109350 };
    const double scaled[] = { -9.929454, -5.875489, -5.368752, -8.219384, -8.581579 };
    const char *const keys[] = { "llama.rope.scaling.factor", "llama.rope.scale_linear" };
    char *path = file_join(folder, "m.gguf");

    (void)state;
    make_folder("\"rope_scaling\": null",
                "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 8.0}");
    check_spread(folder, 1, scaled);
    for (size_t i = 0; i < 2; i++) {
        make_gguf(keys[i], F32, bits(8), NULL);
        check_spread(path, 8, plain);
        check_spread(path, 1, scaled);
    }
    unlink(path);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_keys_are_taken),
        cmocka_unit_test(gguf_keys_are_read_or_refused),
        cmocka_unit_test(linear_scaling_divides_positions),
        cmocka_unit_test(gguf_files_are_refused),
        cmocka_unit_test(folders_are_refused),
        cmocka_unit_test(rotations_equal_transformers),
    };

    return cmocka_run_group_tests(tests, make_temporary, remove_temporary);
}
