#include "llm/decoder_architecture.h"

#include <string.h>

#define KEYS(...) (const char *const[]) { __VA_ARGS__, NULL }

static const struct decoder_size_keys usual = {
    "num_hidden_layers", "hidden_size", "num_attention_heads", "max_position_embeddings",
    "intermediate_size"
};

static const struct decoder_size_keys of_opt = {
    "num_hidden_layers", "hidden_size", "num_attention_heads", "max_position_embeddings",
    "ffn_dim"
};

static const struct decoder_size_keys of_gpt2 = { "n_layer", "n_embd", "n_head",
                                                  "n_positions", NULL };

#define WINDOW "sliding_window", "use_sliding_window", "max_window_layers", "layer_types"

#define GEMMA (DECODER_NORMS_FROM_ONE | DECODER_TIED | DECODER_EMBEDS_SCALED)

static const struct decoder_architecture rows[] = {
    { .name = "llama", .gguf = "llama", .files = DECODER_PAIRS,
      .hf_names = &decoder_hf_llama, .gguf_names = &decoder_gguf_usual, .sizes = &usual,
      .act_key = "hidden_act", .act = "silu", .hf_read = decoder_family_llama,
      .hf_keys = KEYS("attention_bias", "mlp_bias"),
      .gguf_keys = KEYS("attention.sliding_window") },
    { .name = "mistral", .gguf = "llama", .files = DECODER_PAIRS,
      .hf_names = &decoder_hf_llama, .gguf_names = &decoder_gguf_usual, .sizes = &usual,
      .act_key = "hidden_act", .act = "silu", .hf_read = decoder_family_mistral,
      .hf_keys = KEYS("sliding_window"), .gguf_keys = KEYS("attention.sliding_window") },
    { .name = "ministral", .gguf = "llama", .files = DECODER_PAIRS,
      .hf_names = &decoder_hf_llama, .gguf_names = &decoder_gguf_usual, .sizes = &usual,
      .act_key = "hidden_act", .act = "silu", .hf_read = decoder_family_mistral,
      .hf_keys = KEYS("sliding_window", "layer_types"),
      .gguf_keys = KEYS("attention.sliding_window") },
    { .name = "qwen2", .gguf = "qwen2", .is = { .biases = DECODER_QKV_BIAS },
      .hf_names = &decoder_hf_llama, .gguf_names = &decoder_gguf_usual, .sizes = &usual,
      .act_key = "hidden_act", .act = "silu", .hf_read = decoder_family_qwen,
      .hf_keys = KEYS(WINDOW), .gguf_keys = KEYS("attention.sliding_window") },
    { .name = "qwen3", .gguf = "qwen3", .is = { .qk_norm = DECODER_QK_NORM_HEAD },
      .hf_names = &decoder_hf_llama, .gguf_names = &decoder_gguf_usual, .sizes = &usual,
      .act_key = "hidden_act", .act = "silu", .hf_read = decoder_family_qwen,
      .hf_keys = KEYS(WINDOW, "attention_bias"),
      .gguf_keys = KEYS("attention.sliding_window") },
    { .name = "smollm3", .gguf = "smollm3", .files = DECODER_PAIRS | DECODER_TIED,
      .hf_names = &decoder_hf_llama, .gguf_names = &decoder_gguf_usual, .sizes = &usual,
      .act_key = "hidden_act", .act = "silu", .hf_read = decoder_family_smollm3,
      .hf_keys = KEYS("attention_bias", "mlp_bias", "no_rope_layers",
                      "no_rope_layer_interval", "sliding_window", "use_sliding_window",
                      "layer_types"),
      .rope_theta = 2e6 },
    { .name = "granite", .gguf = "granite", .files = DECODER_PAIRS,
      .hf_names = &decoder_hf_llama, .gguf_names = &decoder_gguf_usual, .sizes = &usual,
      .act_key = "hidden_act", .act = "silu", .hf_read = decoder_family_granite,
      .hf_keys = KEYS("attention_bias", "mlp_bias", "embedding_multiplier",
                      "logits_scaling", "residual_multiplier", "attention_multiplier"),
      .gguf_keys = KEYS("attention.scale", "embedding_scale", "residual_scale",
                        "logit_scale") },
    { .name = "phi3", .gguf = "phi3", .files = DECODER_PARTLY_ROTATED,
      .hf_names = &decoder_hf_phi3,
      .gguf_names = &decoder_gguf_phi3, .sizes = &usual, .act_key = "hidden_act",
      .act = "silu", .hf_read = decoder_family_phi3,
      .hf_keys = KEYS("sliding_window", "partial_rotary_factor",
                      "original_max_position_embeddings"),
      .gguf_keys = KEYS("attention.sliding_window") },
    { .name = "gemma", .gguf = "gemma",
      .is = { .ff_kind = DECODER_GELU_TANH_GLU },
      .files = GEMMA, .hf_names = &decoder_hf_llama,
      .gguf_names = &decoder_gguf_usual, .sizes = &usual, .hf_read = decoder_family_gemma,
      .hf_keys = KEYS("hidden_act", "hidden_activation", "attention_bias") },
    { .name = "gemma2", .gguf = "gemma2",
      .is = { .ff_kind = DECODER_GELU_TANH_GLU, .layer_kind = DECODER_NORM_AROUND },
      .files = GEMMA, .hf_names = &decoder_hf_gemma2,
      .gguf_names = &decoder_gguf_usual, .sizes = &usual,
      .hf_read = decoder_family_gemma2,
      .local_every = 2,
      .hf_keys = KEYS("hidden_act", "hidden_activation", "attention_bias",
                      "attn_logit_softcapping", "final_logit_softcapping",
                      "query_pre_attn_scalar", "sliding_window", "layer_types"),
      .gguf_keys = KEYS("attention.sliding_window", "attn_logit_softcapping",
                        "final_logit_softcapping", "attention.scale") },
    { .name = "gemma3_text", .gguf = "gemma3",
      .is = { .ff_kind = DECODER_GELU_TANH_GLU, .layer_kind = DECODER_NORM_AROUND,
              .qk_norm = DECODER_QK_NORM_HEAD },
      .files = GEMMA, .hf_names = &decoder_hf_gemma2,
      .gguf_names = &decoder_gguf_usual, .sizes = &usual,
      .hf_read = decoder_family_gemma3,
      .hf_keys = KEYS("hidden_act", "hidden_activation", "attention_bias",
                      "attn_logit_softcapping", "final_logit_softcapping",
                      "query_pre_attn_scalar", "sliding_window", "layer_types",
                      "sliding_window_pattern", "_sliding_window_pattern",
                      "rope_local_base_freq"),
      .local_every = 6, .rope_theta = 1e6,
      .gguf_keys = KEYS("attention.sliding_window", "final_logit_softcapping",
                        "attn_logit_softcapping", "attention.scale",
                        "rope.freq_base_swa") },
    { .name = "olmo2", .gguf = "olmo2",
      .is = { .layer_kind = DECODER_NORM_RESULT, .qk_norm = DECODER_QK_NORM_ALL },
      .hf_names = &decoder_hf_olmo2, .gguf_names = &decoder_gguf_usual, .sizes = &usual,
      .act_key = "hidden_act", .act = "silu", .hf_read = decoder_family_llama,
      .hf_keys = KEYS("attention_bias") },
    { .name = "gpt_neox", .gguf = "gptneox",
      .is = { .norm = DECODER_LAYERNORM, .ff_kind = DECODER_GELU,
              .layer_kind = DECODER_PARALLEL, .biases = DECODER_ALL_BIASES },
      .files = DECODER_BY_HEAD | DECODER_PARTLY_ROTATED, .hf_names = &decoder_hf_neox,
      .gguf_names = &decoder_gguf_fused, .sizes = &usual, .hf_read = decoder_family_neox,
      .hf_keys = KEYS("hidden_act", "use_parallel_residual", "rotary_pct",
                      "rotary_emb_base", "attention_bias", "layer_norm_eps",
                      "partial_rotary_factor"),
      .gguf_keys = KEYS("use_parallel_residual") },
    { .name = "gpt2", .gguf = "gpt2",
      .is = { .norm = DECODER_LAYERNORM, .positions = DECODER_LEARNED,
              .ff_kind = DECODER_GELU_TANH, .biases = DECODER_ALL_BIASES },
      .files = DECODER_TRANSPOSED | DECODER_TIED, .hf_names = &decoder_hf_gpt2,
      .gguf_names = &decoder_gguf_fused, .sizes = &of_gpt2,
      .hf_read = decoder_family_gpt2,
      .hf_keys = KEYS("activation_function", "layer_norm_epsilon", "n_inner",
                      "scale_attn_weights", "scale_attn_by_inverse_layer_idx",
                      "reorder_and_upcast_attn", "summary_activation") },
    { .name = "opt", .gguf = "opt",
      .is = { .norm = DECODER_LAYERNORM, .positions = DECODER_LEARNED,
              .ff_kind = DECODER_RELU, .position_offset = 2 },
      .files = DECODER_TIED, .hf_names = &decoder_hf_opt,
      .gguf_names = &decoder_gguf_usual,
      .sizes = &of_opt, .act_key = "activation_function", .act = "relu",
      .hf_read = decoder_family_opt,
      .hf_keys = KEYS("do_layer_norm_before", "_remove_final_layer_norm", "enable_bias",
                      "layer_norm_elementwise_affine"),
      .gguf_keys = KEYS("embedding_projection_length", "norm_before", "final_norm",
                        "biases") },
};

enum { ROWS = sizeof rows / sizeof *rows };

const struct decoder_architecture *decoder_architecture_hf(const char *name)
{
    for (int i = 0; i < ROWS; i++)
        if (!strcmp(name, rows[i].name))
            return &rows[i];
    return NULL;
}

const struct decoder_architecture *decoder_architecture_gguf(const char *name)
{
    for (int i = 0; i < ROWS; i++)
        if (!strcmp(name, rows[i].gguf))
            return &rows[i];
    return NULL;
}

const struct decoder_architecture *decoder_architecture_of(const struct decoder_config *c)
{
    return c->architecture ? c->architecture : &rows[0];
}

const char *decoder_architecture_list_hf(void)
{
    return "'llama', 'mistral', 'ministral', 'qwen2', 'qwen3', 'smollm3', 'granite', "
           "'phi3', 'gemma', 'gemma2', 'gemma3_text', 'olmo2', 'gpt_neox', 'gpt2' or "
           "'opt'";
}

const char *decoder_architecture_list_gguf(void)
{
    return "'llama', 'qwen2', 'qwen3', 'smollm3', 'granite', 'phi3', 'gemma', 'gemma2', "
           "'gemma3', 'olmo2', 'gptneox', 'gpt2' or 'opt'";
}
