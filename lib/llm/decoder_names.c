#include "llm/decoder_names.h"

#include "llm/decoder_config.h"
#include "util/mem.h"

#include <string.h>

static const char *const architectures[] = {
    [DECODER_LLAMA] = "llama",
    [DECODER_OPT] = "opt",
};

enum { ARCHITECTURES = sizeof architectures / sizeof *architectures };

/* NULL: the architecture has no such matrix. */
struct names {
    const char *gguf, *hf[ARCHITECTURES];
};

static const struct names names[DECODER_MATRICES] = {
    [DECODER_EMBED] = { "token_embd.weight",
                        { "embed_tokens.weight", "decoder.embed_tokens.weight" } },
    [DECODER_HEAD] = { "output.weight", { "lm_head.weight", "lm_head.weight" } },
    [DECODER_FINAL_NORM] = { "output_norm.weight",
                             { "norm.weight", "decoder.final_layer_norm.weight" } },
    [DECODER_FINAL_NORM_BIAS] = { "output_norm.bias",
                                  { NULL, "decoder.final_layer_norm.bias" } },
    [DECODER_POSITION] = { "position_embd.weight",
                           { NULL, "decoder.embed_positions.weight" } },
    [DECODER_PROJECT_IN] = { "token_embd_in.weight",
                             { NULL, "decoder.project_in.weight" } },
    [DECODER_PROJECT_OUT] = { "output_proj.weight",
                              { NULL, "decoder.project_out.weight" } },
    [DECODER_ATTENTION_NORM] = { "attn_norm.weight",
                                 { "input_layernorm.weight",
                                   "self_attn_layer_norm.weight" } },
    [DECODER_ATTENTION_NORM_BIAS] = { "attn_norm.bias",
                                      { NULL, "self_attn_layer_norm.bias" } },
    [DECODER_FF_NORM] = { "ffn_norm.weight",
                          { "post_attention_layernorm.weight",
                            "final_layer_norm.weight" } },
    [DECODER_FF_NORM_BIAS] = { "ffn_norm.bias", { NULL, "final_layer_norm.bias" } },
    [DECODER_Q] = { "attn_q.weight",
                    { "self_attn.q_proj.weight", "self_attn.q_proj.weight" } },
    [DECODER_Q_BIAS] = { "attn_q.bias",
                         { "self_attn.q_proj.bias", "self_attn.q_proj.bias" } },
    [DECODER_K] = { "attn_k.weight",
                    { "self_attn.k_proj.weight", "self_attn.k_proj.weight" } },
    [DECODER_K_BIAS] = { "attn_k.bias",
                         { "self_attn.k_proj.bias", "self_attn.k_proj.bias" } },
    [DECODER_V] = { "attn_v.weight",
                    { "self_attn.v_proj.weight", "self_attn.v_proj.weight" } },
    [DECODER_V_BIAS] = { "attn_v.bias",
                         { "self_attn.v_proj.bias", "self_attn.v_proj.bias" } },
    [DECODER_O] = { "attn_output.weight",
                    { "self_attn.o_proj.weight", "self_attn.out_proj.weight" } },
    [DECODER_O_BIAS] = { "attn_output.bias",
                         { "self_attn.o_proj.bias", "self_attn.out_proj.bias" } },
    [DECODER_GATE] = { "ffn_gate.weight", { "mlp.gate_proj.weight", NULL } },
    [DECODER_UP] = { "ffn_up.weight", { "mlp.up_proj.weight", "fc1.weight" } },
    [DECODER_UP_BIAS] = { "ffn_up.bias", { "mlp.up_proj.bias", "fc1.bias" } },
    [DECODER_DOWN] = { "ffn_down.weight", { "mlp.down_proj.weight", "fc2.weight" } },
    [DECODER_DOWN_BIAS] = { "ffn_down.bias", { "mlp.down_proj.bias", "fc2.bias" } },
};

/* Where Hugging Face's layers are, after the prefix. */
static const char *const layers[] = {
    [DECODER_LLAMA] = "layers",
    [DECODER_OPT] = "decoder.layers",
};

const char *decoder_architecture_name(enum decoder_architecture a)
{
    return architectures[a];
}

int decoder_architecture_find(const char *name, enum decoder_architecture *a)
{
    for (int i = 0; i < ARCHITECTURES; i++)
        if (!strcmp(name, architectures[i])) {
            *a = (enum decoder_architecture)i;
            return 0;
        }
    return -1;
}

const char *decoder_architecture_list(void)
{
    return "'llama' or 'opt'";
}

char *decoder_hf_name(enum decoder_architecture a, const char *prefix,
                      enum decoder_matrix what, int layer)
{
    const char *name = names[what].hf[a];

    if (!name)
        return NULL;
    if (what == DECODER_HEAD)
        return mem_string(name);
    if (!decoder_by_layer(what))
        return mem_format("%s%s", prefix, name);
    return mem_format("%s%s.%d.%s", prefix, layers[a], layer, name);
}

char *decoder_gguf_name(enum decoder_architecture a, enum decoder_matrix what, int layer)
{
    (void)a;
    if (!decoder_by_layer(what))
        return mem_string(names[what].gguf);
    return mem_format("blk.%d.%s", layer, names[what].gguf);
}
