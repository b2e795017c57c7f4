/* Hugging Face folders whose weights lack what the model needs, or hold
 * what nothing would read. */
#include "model_folder.h"

#include "formats/safetensors.h"
#include "sbert/bert.h"

#define LLMS "tests/fixtures/llms/"
#define FIXTURES "tests/fixtures/"

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

static void make_folder(const char *from, const char *without,
                        const struct safetensor *with)
{
    char *config = mem_format(FIXTURES "%s/config.json", from);
    char *weights = mem_format(FIXTURES "%s/model.safetensors", from);

    copy_with(config, "config.json", NULL, NULL, SIZE_MAX);
    write_weights(weights, without, with);
    free(config);
    free(weights);
}

static void make_model(const char *family, const char *without,
                       const struct safetensor *with)
{
    char *from = mem_format("llms/%s", family);

    make_folder(from, without, with);
    free(from);
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

/* At most 64 x 64 numbers. */
static struct safetensor zeros(const char *name, int ndim, int64_t rows, int64_t columns)
{
    static const unsigned char data[4 * 64 * 64];
    struct safetensor t = { .name = name, .type = ST_F32, .ndim = ndim, .data = data,
                            .dim = { rows, columns } };

    t.count = (ndim > 0 ? rows : 1) * (ndim > 1 ? columns : 1);
    t.bytes = 4 * (size_t)t.count;
    return t;
}

static void tensors_without_a_place_are_refused(void **state)
{
    static const struct {
        const char *family, *name;
        int ndim;
    } more[] = {
        { "qwen2", "model.layers.1.self_attn.o_proj.bias", 1 },
        { "qwen2", "model.layers.1.self_attn.q_norm.weight", 1 },
        { "qwen2", "model.layers.0.mlp.gate_proj.bias", 1 },
        { "qwen2", "model.layers.0.self_attn.q_proj.lora_A.weight", 2 },
        { "qwen2", "model.layers.0.mlp.down_proj.weight_scale", 1 },
        { "qwen2", "model.layers.0.self_attn.bias", 2 },
        { "qwen2", "lm_head.bias", 1 },
        { "qwen2", "score.weight", 2 },
        { "llama-yarn", "lm_head.bias", 1 },
        { "gpt2", "transformer.h.0.attn.bias", 1 },
        { "gpt_neox", "gpt_neox.layers.1.attention.bias", 1 },
        { "gpt_neox", "lm_head.weight", 2 },
        { "phi3", "model.layers.1.self_attn.qkv_proj.bias", 1 },
        { "olmo2", "model.layers.1.input_layernorm.weight", 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        struct safetensor with = zeros(more[i].name, more[i].ndim, 8, 24);
        char *says = mem_format("'%s' has no place in the %s of config.json", with.name,
                                strncmp(more[i].family, "llama", 5) ? more[i].family
                                                                    : "llama");

        make_model(more[i].family, NULL, &with);
        refused(folder, says);
        free(says);
    }
}

/* What models are saved with and no token's probability depends on. */
static void buffers_are_taken(void **state)
{
    static const struct {
        const char *family, *name;
        int ndim;
    } spare[] = {
        { "llama-yarn", "model.layers.1.self_attn.rotary_emb.inv_freq", 1 },
        { "llama-yarn", "model.rotary_emb.inv_freq", 1 },
        { "gpt2", "transformer.h.1.attn.bias", 2 },
        { "gpt2", "transformer.h.1.attn.masked_bias", 0 },
        { "gpt2", "v_head.summary.weight", 2 },
        { "gpt_neox", "gpt_neox.layers.1.attention.bias", 2 },
        { "gpt_neox", "gpt_neox.layers.1.attention.masked_bias", 0 },
        { "gpt_neox", "gpt_neox.layers.1.attention.rotary_emb.inv_freq", 1 },
        { "gemma", "model.position_ids", 2 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof spare / sizeof *spare; i++) {
        struct safetensor with = zeros(spare[i].name, spare[i].ndim, 8, 24);
        struct error e = { "" };
        struct decoder *m;

        make_model(spare[i].family, NULL, &with);
        m = decoder_load(folder, FROZEN_REAL, &e);
        if (!m)
            fail_msg("%s: %s", with.name, e.text);
        decoder_free(m);
    }
}

/* A tied model's head is the table again, in whatever type, or the two contradict. */
static void heads_of_tied_models_are_copies(void **state)
{
    safetensors *f;
    struct safetensor head;
    struct error e = { "" };
    struct decoder *m;
    float *wide;

    (void)state;
    f = safetensors_open(LLMS "qwen2/model.safetensors", &e);
    assert_non_null(f);
    head = *safetensors_find(f, "model.embed_tokens.weight");
    head.name = "lm_head.weight";
    make_model("qwen2", NULL, &head);
    m = decoder_load(folder, FROZEN_REAL, &e);
    assert_non_null(m);
    decoder_free(m);
    wide = safetensors_floats(&head, &e);
    head.type = ST_F32;
    head.bytes = (size_t)head.count * sizeof *wide;
    head.data = (const unsigned char *)wide;
    make_model("qwen2", NULL, &head);
    m = decoder_load(folder, FROZEN_REAL, &e);
    assert_non_null(m);
    decoder_free(m);
    wide[head.count - 1] += 1;
    make_model("qwen2", NULL, &head);
    refused(folder, "'lm_head.weight' is not 'model.embed_tokens.weight', but");
    head = zeros("lm_head.weight", 2, 24, 40); /* turned */
    make_model("qwen2", NULL, &head);
    refused(folder, "'lm_head.weight' is not 'model.embed_tokens.weight', but");
    safetensors_close(f);
    free(wide);
}

/* Within the embeddings and the layers; heads stand behind them. */
static void encoders_leave_no_part_out(void **state)
{
    static const struct {
        const char *from, *name;
        bool refused;
    } more[] = {
        { "tiny/MiniLM", "encoder.layer.0.attention.self.query.lora_A.weight", true },
        { "tiny/MiniLM", "encoder.layer.9.output.dense.bias", true },
        { "tiny/MiniLM", "encoder.layer.0.crossattention.self.key.weight", true },
        { "tiny/MiniLM", "embeddings.embedding_hidden_mapping_in.weight", true },
        { "bert/mpnet", "encoder.layer.0.attention.attn.q.scale", true },
        { "encoders/modernbert", "embeddings.position_embeddings.weight", true },
        { "encoders/modernbert", "layers.1.attn.Wqkv_extra.weight", true },
        { "encoders/nomic_bert", "encoder.layers.0.mlp.router.weight", true },
        { "tiny/MiniLM", "embeddings.position_ids", false },
        { "tiny/MiniLM", "pooler.dense.weight", false },
        { "tiny/MiniLM", "classifier.bias", false },
        { "bert/cls", "cls.predictions.decoder.weight", false },
        { "bert/distilbert", "vocab_projector.bias", false },
        { "encoders/xlm-roberta", "lm_head.dense.weight", false },
        { "encoders/xlm-roberta", "roberta.embeddings.token_type_ids", false },
        { "encoders/modernbert", "head.dense.weight", false },
        { "encoders/nomic_bert", "encoder.layers.0.attn.rotary_emb.inv_freq", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        struct safetensor with = zeros(more[i].name, 2, 8, 8);
        struct error e = { "" };
        struct bert *b;
        hf_folder *h;

        make_folder(more[i].from, NULL, &with);
        h = hf_open(folder, &e);
        b = h ? bert_load(h, NULL, FROZEN_REAL, &e) : NULL;
        if (!b != more[i].refused)
            fail_msg("%s: %s", with.name, b ? "loaded" : e.text);
        if (!b && (!strstr(e.text, with.name) || !strstr(e.text, "has no place in a ")))
            fail_msg("%s", e.text);
        bert_free(b);
        hf_close(h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_without_their_head_are_refused),
        cmocka_unit_test(tensors_without_a_place_are_refused),
        cmocka_unit_test(buffers_are_taken),
        cmocka_unit_test(heads_of_tied_models_are_copies),
        cmocka_unit_test(encoders_leave_no_part_out),
    };

    return cmocka_run_group_tests(tests, make_temporary, remove_temporary);
}
