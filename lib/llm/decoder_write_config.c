/* The keys of a GGUF file that say what a model computes. */
#include "llm/decoder_architecture.h"
#include "llm/decoder_parts.h"
#include "llm/decoder_write.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* general.file_type, llama.cpp's numbers: what most matrices are. */
static uint32_t file_type(enum quant_id type)
{
    switch (type) {
    case QUANT_F16: return 1;
    case QUANT_Q4_0: return 2;
    case QUANT_Q4_1: return 3;
    case QUANT_Q8_0: return 7;
    case QUANT_Q4_K: return 14;
    case QUANT_Q5_K: return 16;
    case QUANT_Q6_K: return 18;
    case QUANT_BF16: return 32;
    default: return 0;
    }
}

static char *key_of(const struct decoder_config *c, const char *key)
{
    return mem_format("%s.%s", decoder_architecture_of(c)->gguf, key);
}

static void put_count(struct gguf_writer *w, const struct decoder_config *c,
                      const char *name, int v)
{
    char *key = key_of(c, name);

    gguf_put_u32(w, key, (uint32_t)v);
    free(key);
}

static void put_number(struct gguf_writer *w, const struct decoder_config *c,
                       const char *name, double v)
{
    char *key = key_of(c, name);

    gguf_put_f32(w, key, (float)v);
    free(key);
}

static void put_flag(struct gguf_writer *w, const struct decoder_config *c,
                     const char *name, bool v)
{
    char *key = key_of(c, name);

    gguf_put_bool(w, key, v);
    free(key);
}

/* A number that has a key, unless the model is without it. */
static void put_own(struct gguf_writer *w, const struct decoder_config *c,
                    const char *name, double v)
{
    if (v > 0)
        put_number(w, c, name, v);
}

/* A flag for each layer: has it the mark? */
static void put_layers(struct gguf_writer *w, const struct decoder_config *c,
                       const char *name, unsigned mark)
{
    char *key = key_of(c, name);
    int32_t *on = mem_new((size_t)c->layers, sizeof *on);

    for (int l = 0; l < c->layers; l++)
        on[l] = (c->layer_does[l] & mark) != 0;
    gguf_put_i32s(w, key, on, (size_t)c->layers);
    free(on);
    free(key);
}

static void put_rotation(struct gguf_writer *w, const struct decoder_config *c)
{
    const char *name = decoder_architecture_of(c)->gguf;

    put_count(w, c, "rope.dimension_count", decoder_rotated(c));
    put_number(w, c, "rope.freq_base", c->rope_theta);
    put_own(w, c, "rope.freq_base_swa", c->rope_theta_local);
    put_own(w, c, "rope.scaling.attn_factor", c->rope_magnitude);
    for (int l = 0; l < c->layers; l++)
        if (c->layer_does[l] & DECODER_UNROTATED || !strcmp(name, "smollm3")) {
            put_layers(w, c, "unrotated_layers", DECODER_UNROTATED);
            break;
        }
}

static void put_usual(struct gguf_writer *w, const struct decoder_config *c)
{
    put_count(w, c, "attention.head_count_kv", c->kv_heads);
    put_count(w, c, "attention.key_length", c->head_dim);
    put_count(w, c, "attention.value_length", c->head_dim);
    put_number(w, c, c->norm == DECODER_LAYERNORM ? "attention.layer_norm_epsilon"
                                                  : "attention.layer_norm_rms_epsilon",
               c->norm_eps);
    if (c->positions == DECODER_ROTARY)
        put_rotation(w, c);
    if (decoder_has_local(c)) {
        put_count(w, c, "attention.sliding_window", c->window);
        put_layers(w, c, "attention.sliding_window_pattern", DECODER_LOCAL);
    }
    put_own(w, c, "attention.scale", c->attention_scale);
    put_own(w, c, "attn_logit_softcapping", c->attention_cap);
    put_own(w, c, "final_logit_softcapping", c->logit_cap);
    if (!(decoder_architecture_of(c)->files & DECODER_EMBEDS_SCALED))
        put_own(w, c, "embedding_scale", c->embed_factor);
    put_own(w, c, "residual_scale", c->residual_factor);
    put_own(w, c, "logit_scale", c->logit_factor > 0 ? 1 / c->logit_factor : 0);
    if (!strcmp(decoder_architecture_of(c)->gguf, "gptneox"))
        put_flag(w, c, "use_parallel_residual", c->layer_kind == DECODER_PARALLEL);
}

static void put_opt(struct gguf_writer *w, const struct decoder_config *c)
{
    put_count(w, c, "embedding_projection_length", c->embed_width);
    put_number(w, c, "attention.layer_norm_epsilon", c->norm_eps);
    put_flag(w, c, "norm_before", c->layer_kind == DECODER_NORM_BEFORE);
    put_flag(w, c, "final_norm", !c->no_final_norm);
    put_flag(w, c, "biases", c->biases != 0);
}

void decoder_write_config(struct gguf_writer *w, const struct decoder_config *c,
                          enum quant_id type, const char *name)
{
    gguf_put_string(w, "general.architecture", decoder_architecture_of(c)->gguf);
    gguf_put_string(w, "general.name", name);
    gguf_put_u32(w, "general.file_type", file_type(type));
    gguf_put_u32(w, "general.quantization_version", 2);
    put_count(w, c, "vocab_size", c->vocab);
    put_count(w, c, "context_length", c->context);
    put_count(w, c, "embedding_length", c->width);
    put_count(w, c, "block_count", c->layers);
    put_count(w, c, "feed_forward_length", c->ff);
    put_count(w, c, "attention.head_count", c->heads);
    if (!strcmp(decoder_architecture_of(c)->gguf, "opt"))
        put_opt(w, c);
    else
        put_usual(w, c);
}
