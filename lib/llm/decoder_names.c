#include "llm/decoder_names.h"

#include "llm/decoder_config.h"
#include "util/mem.h"

#include <string.h>

/* What most have in common with Llama. */
#define ENDS                                                                           \
    [DECODER_EMBED] = "embed_tokens.weight", [DECODER_HEAD] = "lm_head.weight",        \
    [DECODER_FINAL_NORM] = "norm.weight"

#define QKV                                                                            \
    [DECODER_Q] = "self_attn.q_proj.weight", [DECODER_Q_BIAS] = "self_attn.q_proj.bias", \
    [DECODER_K] = "self_attn.k_proj.weight", [DECODER_K_BIAS] = "self_attn.k_proj.bias", \
    [DECODER_V] = "self_attn.v_proj.weight", [DECODER_V_BIAS] = "self_attn.v_proj.bias"

#define OUT                                                                            \
    [DECODER_O] = "self_attn.o_proj.weight", [DECODER_O_BIAS] = "self_attn.o_proj.bias"

#define QK_NORMS                                                                       \
    [DECODER_Q_NORM] = "self_attn.q_norm.weight",                                      \
    [DECODER_K_NORM] = "self_attn.k_norm.weight"

#define FEED                                                                           \
    [DECODER_GATE] = "mlp.gate_proj.weight", [DECODER_UP] = "mlp.up_proj.weight",      \
    [DECODER_UP_BIAS] = "mlp.up_proj.bias", [DECODER_DOWN] = "mlp.down_proj.weight",   \
    [DECODER_DOWN_BIAS] = "mlp.down_proj.bias"

const struct decoder_names decoder_hf_llama = {
    { "model.", "" }, "layers",
    { ENDS, QKV, OUT, QK_NORMS, FEED,
      [DECODER_ATTENTION_NORM] = "input_layernorm.weight",
      [DECODER_FF_NORM] = "post_attention_layernorm.weight" }
};

const struct decoder_names decoder_hf_gemma2 = {
    { "model.", "", "language_model.model." }, "layers",
    { ENDS, QKV, OUT, QK_NORMS, FEED,
      [DECODER_ATTENTION_NORM] = "input_layernorm.weight",
      [DECODER_ATTENTION_POST_NORM] = "post_attention_layernorm.weight",
      [DECODER_FF_NORM] = "pre_feedforward_layernorm.weight",
      [DECODER_FF_POST_NORM] = "post_feedforward_layernorm.weight" }
};

const struct decoder_names decoder_hf_olmo2 = {
    { "model.", "" }, "layers",
    { ENDS, QKV, OUT, QK_NORMS, FEED,
      [DECODER_ATTENTION_POST_NORM] = "post_attention_layernorm.weight",
      [DECODER_FF_POST_NORM] = "post_feedforward_layernorm.weight" }
};

const struct decoder_names decoder_hf_phi3 = {
    { "model.", "" }, "layers",
    { ENDS,
      [DECODER_ATTENTION_NORM] = "input_layernorm.weight",
      [DECODER_FF_NORM] = "post_attention_layernorm.weight",
      [DECODER_Q] = "self_attn.qkv_proj.weight",
      [DECODER_K] = "self_attn.qkv_proj.weight",
      [DECODER_V] = "self_attn.qkv_proj.weight",
      [DECODER_O] = "self_attn.o_proj.weight",
      [DECODER_GATE] = "mlp.gate_up_proj.weight",
      [DECODER_UP] = "mlp.gate_up_proj.weight",
      [DECODER_DOWN] = "mlp.down_proj.weight" }
};

const struct decoder_names decoder_hf_neox = {
    { "gpt_neox.", "" }, "layers",
    { [DECODER_EMBED] = "embed_in.weight", [DECODER_HEAD] = "embed_out.weight",
      [DECODER_FINAL_NORM] = "final_layer_norm.weight",
      [DECODER_FINAL_NORM_BIAS] = "final_layer_norm.bias",
      [DECODER_ATTENTION_NORM] = "input_layernorm.weight",
      [DECODER_ATTENTION_NORM_BIAS] = "input_layernorm.bias",
      [DECODER_FF_NORM] = "post_attention_layernorm.weight",
      [DECODER_FF_NORM_BIAS] = "post_attention_layernorm.bias",
      [DECODER_Q] = "attention.query_key_value.weight",
      [DECODER_K] = "attention.query_key_value.weight",
      [DECODER_V] = "attention.query_key_value.weight",
      [DECODER_Q_BIAS] = "attention.query_key_value.bias",
      [DECODER_K_BIAS] = "attention.query_key_value.bias",
      [DECODER_V_BIAS] = "attention.query_key_value.bias",
      [DECODER_O] = "attention.dense.weight", [DECODER_O_BIAS] = "attention.dense.bias",
      [DECODER_UP] = "mlp.dense_h_to_4h.weight",
      [DECODER_UP_BIAS] = "mlp.dense_h_to_4h.bias",
      [DECODER_DOWN] = "mlp.dense_4h_to_h.weight",
      [DECODER_DOWN_BIAS] = "mlp.dense_4h_to_h.bias" }
};

const struct decoder_names decoder_hf_gpt2 = {
    { "transformer.", "" }, "h",
    { [DECODER_EMBED] = "wte.weight", [DECODER_HEAD] = "lm_head.weight",
      [DECODER_POSITION] = "wpe.weight", [DECODER_FINAL_NORM] = "ln_f.weight",
      [DECODER_FINAL_NORM_BIAS] = "ln_f.bias",
      [DECODER_ATTENTION_NORM] = "ln_1.weight",
      [DECODER_ATTENTION_NORM_BIAS] = "ln_1.bias",
      [DECODER_FF_NORM] = "ln_2.weight", [DECODER_FF_NORM_BIAS] = "ln_2.bias",
      [DECODER_Q] = "attn.c_attn.weight", [DECODER_K] = "attn.c_attn.weight",
      [DECODER_V] = "attn.c_attn.weight", [DECODER_Q_BIAS] = "attn.c_attn.bias",
      [DECODER_K_BIAS] = "attn.c_attn.bias", [DECODER_V_BIAS] = "attn.c_attn.bias",
      [DECODER_O] = "attn.c_proj.weight", [DECODER_O_BIAS] = "attn.c_proj.bias",
      [DECODER_UP] = "mlp.c_fc.weight", [DECODER_UP_BIAS] = "mlp.c_fc.bias",
      [DECODER_DOWN] = "mlp.c_proj.weight", [DECODER_DOWN_BIAS] = "mlp.c_proj.bias" }
};

const struct decoder_names decoder_hf_opt = {
    { "model.", "" }, "decoder.layers",
    { [DECODER_EMBED] = "decoder.embed_tokens.weight", [DECODER_HEAD] = "lm_head.weight",
      [DECODER_FINAL_NORM] = "decoder.final_layer_norm.weight",
      [DECODER_FINAL_NORM_BIAS] = "decoder.final_layer_norm.bias",
      [DECODER_POSITION] = "decoder.embed_positions.weight",
      [DECODER_PROJECT_IN] = "decoder.project_in.weight",
      [DECODER_PROJECT_OUT] = "decoder.project_out.weight",
      [DECODER_ATTENTION_NORM] = "self_attn_layer_norm.weight",
      [DECODER_ATTENTION_NORM_BIAS] = "self_attn_layer_norm.bias",
      [DECODER_FF_NORM] = "final_layer_norm.weight",
      [DECODER_FF_NORM_BIAS] = "final_layer_norm.bias", QKV,
      [DECODER_O] = "self_attn.out_proj.weight",
      [DECODER_O_BIAS] = "self_attn.out_proj.bias",
      [DECODER_UP] = "fc1.weight", [DECODER_UP_BIAS] = "fc1.bias",
      [DECODER_DOWN] = "fc2.weight", [DECODER_DOWN_BIAS] = "fc2.bias" }
};

#define GGUF_COMMON                                                                    \
    [DECODER_EMBED] = "token_embd.weight", [DECODER_HEAD] = "output.weight",           \
    [DECODER_FINAL_NORM] = "output_norm.weight",                                       \
    [DECODER_FINAL_NORM_BIAS] = "output_norm.bias",                                    \
    [DECODER_POSITION] = "position_embd.weight",                                       \
    [DECODER_PROJECT_IN] = "token_embd_in.weight",                                     \
    [DECODER_PROJECT_OUT] = "output_proj.weight",                                      \
    [DECODER_ATTENTION_NORM] = "attn_norm.weight",                                     \
    [DECODER_ATTENTION_NORM_BIAS] = "attn_norm.bias",                                  \
    [DECODER_FF_NORM] = "ffn_norm.weight", [DECODER_FF_NORM_BIAS] = "ffn_norm.bias",   \
    [DECODER_ATTENTION_POST_NORM] = "post_attention_norm.weight",                      \
    [DECODER_FF_POST_NORM] = "post_ffw_norm.weight",                                   \
    [DECODER_Q_NORM] = "attn_q_norm.weight", [DECODER_K_NORM] = "attn_k_norm.weight",  \
    [DECODER_O] = "attn_output.weight", [DECODER_O_BIAS] = "attn_output.bias",         \
    [DECODER_UP] = "ffn_up.weight", [DECODER_UP_BIAS] = "ffn_up.bias",                 \
    [DECODER_DOWN] = "ffn_down.weight", [DECODER_DOWN_BIAS] = "ffn_down.bias"

#define GGUF_FUSED                                                                     \
    [DECODER_Q] = "attn_qkv.weight", [DECODER_K] = "attn_qkv.weight",                  \
    [DECODER_V] = "attn_qkv.weight", [DECODER_Q_BIAS] = "attn_qkv.bias",               \
    [DECODER_K_BIAS] = "attn_qkv.bias", [DECODER_V_BIAS] = "attn_qkv.bias"

const struct decoder_names decoder_gguf_usual = {
    { "" }, "blk",
    { GGUF_COMMON,
      [DECODER_Q] = "attn_q.weight", [DECODER_Q_BIAS] = "attn_q.bias",
      [DECODER_K] = "attn_k.weight", [DECODER_K_BIAS] = "attn_k.bias",
      [DECODER_V] = "attn_v.weight", [DECODER_V_BIAS] = "attn_v.bias",
      [DECODER_GATE] = "ffn_gate.weight" }
};

const struct decoder_names decoder_gguf_fused = {
    { "" }, "blk", { GGUF_COMMON, GGUF_FUSED }
};

const struct decoder_names decoder_gguf_phi3 = {
    { "" }, "blk", { GGUF_COMMON, GGUF_FUSED, [DECODER_GATE] = "ffn_up.weight" }
};

char *decoder_name(const struct decoder_names *names, const char *prefix,
                   enum decoder_matrix what, int layer)
{
    const char *name = names->of[what];

    if (!name)
        return NULL;
    if (what == DECODER_HEAD)
        return mem_string(name);
    if (!decoder_by_layer(what))
        return mem_format("%s%s", prefix, name);
    return mem_format("%s%s.%d.%s", prefix, names->layers, layer, name);
}

static bool is_shared(const struct decoder_names *names, enum decoder_matrix a,
                      enum decoder_matrix b)
{
    return names->of[a] && names->of[b] && !strcmp(names->of[a], names->of[b])
           && decoder_by_layer(a) == decoder_by_layer(b);
}

enum decoder_matrix decoder_names_first(const struct decoder_names *names,
                                        enum decoder_matrix what)
{
    for (int w = 0; w < (int)what; w++)
        if (is_shared(names, (enum decoder_matrix)w, what))
            return (enum decoder_matrix)w;
    return what;
}

int decoder_names_rows(const struct decoder_names *names, const struct decoder_config *c,
                       enum decoder_matrix first, enum decoder_matrix what)
{
    int sum = 0;

    for (int w = (int)first; w < (int)what; w++) {
        enum decoder_matrix other = (enum decoder_matrix)w;
        int rows, columns;

        if (!is_shared(names, first, other) || !decoder_has(c, other))
            continue;
        decoder_shape(c, other, &rows, &columns);
        sum += decoder_is_vector(other) ? columns : rows;
    }
    return sum;
}
