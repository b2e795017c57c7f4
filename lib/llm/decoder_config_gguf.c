#include "llm/decoder_architecture.h"
#include "llm/decoder_config.h"
#include "llm/decoder_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A key of the architecture: "llama.block_count" from "block_count". */
struct key {
    char text[80];
};

static struct key key_of(const struct decoder_config *c, const char *name)
{
    struct key k;

    snprintf(k.text, sizeof k.text, "%s.%s", decoder_architecture_of(c)->gguf, name);
    return k;
}

/* otherwise: where the key is absent; 0: it must be there. */
static int count_of(const struct decoder_config *c, const struct gguf *g,
                    const char *name, uint32_t most, int otherwise, int *value,
                    struct error *e)
{
    struct key k = key_of(c, name);
    uint32_t v;

    if (otherwise && !gguf_has(g, k.text)) {
        *value = otherwise;
        return 0;
    }
    if (gguf_u32(g, k.text, &v, e))
        return -1;
    if (v < 1 || v > most)
        return fail(e, "%s: '%s' is %u: expected 1 to %u", gguf_path(g), k.text, v, most);
    *value = (int)v;
    return 0;
}

static int flag_of(const struct decoder_config *c, const struct gguf *g,
                   const char *name, bool otherwise, bool *value, struct error *e)
{
    struct key k = key_of(c, name);

    *value = otherwise;
    return gguf_has(g, k.text) ? gguf_bool(g, k.text, value, e) : 0;
}

/* float otherwise: where the key is absent; 0: it must be there. */
static int number_of(const struct decoder_config *c, const struct gguf *g,
                     const char *name, float otherwise, double *value, struct error *e)
{
    struct key k = key_of(c, name);
    float v = otherwise;

    if ((!(otherwise > 0) || gguf_has(g, k.text)) && gguf_f32(g, k.text, &v, e))
        return -1;
    *value = (double)v;
    return 0;
}

static int read_sizes(struct decoder_config *c, const struct gguf *g, struct error *e)
{
    return count_of(c, g, "block_count", DECODER_MOST_LAYERS, 0, &c->layers, e)
           || count_of(c, g, "embedding_length", 1 << 16, 0, &c->width, e)
           || count_of(c, g, "feed_forward_length", 1 << 19, 0, &c->ff, e)
           || count_of(c, g, "attention.head_count", 1 << 10, 0, &c->heads, e)
           || count_of(c, g, "context_length", 1 << 30, 0, &c->context, e)
               ? -1
               : 0;
}

/* What we do not compute must not be asked for. */
static int refuse_experts(const struct decoder_config *c, const struct gguf *g,
                          struct error *e)
{
    struct key k = key_of(c, "expert_count");
    uint32_t experts;

    if (!gguf_has(g, k.text))
        return 0;
    if (gguf_u32(g, k.text, &experts, e))
        return -1;
    return experts ? fail(e, "%s: a mixture of %u experts is not supported",
                          gguf_path(g), experts)
                   : 0;
}

/* Does the architecture's row name the key? */
static bool reads(const struct decoder_config *c, const char *name)
{
    const char *const *keys = decoder_architecture_of(c)->gguf_keys;

    for (; keys && *keys; keys++)
        if (!strcmp(*keys, name))
            return true;
    return false;
}

/* A number of the keys of this architecture alone, 0 where it is not there; 0 or more. */
static int own_number(const struct decoder_config *c, const struct gguf *g,
                      const char *name, double *value, struct error *e)
{
    struct key k = key_of(c, name);

    *value = 0;
    if (!reads(c, name) || !gguf_has(g, k.text))
        return 0;
    *value = gguf_number(g, k.text);
    return *value >= 0 && *value < 1e9 ? 0
                                       : fail(e, "%s: '%s' is %g: expected 0 or more",
                                              gguf_path(g), k.text, *value);
}

/* The layers that a list of flags names get the mark, the others lose it. */
static int read_layers(struct decoder_config *c, const struct gguf *g, const char *name,
                       unsigned mark, struct error *e)
{
    struct key k = key_of(c, name);
    bool *on = NULL;
    size_t n = 0;

    if (gguf_bools(g, k.text, &on, &n, e))
        return -1;
    for (int l = 0; l < c->layers && n == (size_t)c->layers; l++)
        c->layer_does[l] = (unsigned char)((c->layer_does[l] & ~mark) |
                                           (on[l] ? mark : 0));
    free(on);
    return n == (size_t)c->layers ? 0 : fail(e, "%s: '%s' has %zu flags for %d layers",
                                             gguf_path(g), k.text, n, c->layers);
}

/* Which layers are local, where there is a window at all. */
static int read_window(struct decoder_config *c, const struct gguf *g, struct error *e)
{
    struct key k = key_of(c, "attention.sliding_window_pattern");
    int every = decoder_architecture_of(c)->local_every;
    double window;

    if (own_number(c, g, "attention.sliding_window", &window, e))
        return -1;
    c->window = (int)window;
    if (!c->window)
        return 0;
    if (gguf_has(g, k.text) && !gguf_is_array(g, k.text) &&
        count_of(c, g, "attention.sliding_window_pattern", DECODER_MOST_LAYERS, 0, &every,
                 e))
        return -1;
    decoder_make_local(c, every);
    return gguf_is_array(g, k.text)
               ? read_layers(c, g, "attention.sliding_window_pattern", DECODER_LOCAL, e)
               : 0;
}

/* llama.cpp knows a size of Gemma by its layers: the largest scales by the width. */
static void scale_gemma(struct decoder_config *c)
{
    const char *name = decoder_architecture_of(c)->gguf;

    if ((!strcmp(name, "gemma2") && c->layers == 46)
        || (!strcmp(name, "gemma3") && c->layers == 62))
        c->attention_scale = 1 / sqrt((double)c->width / c->heads);
}

/* What few architectures have: windows, caps, factors. */
static int read_own(struct decoder_config *c, const struct gguf *g, struct error *e)
{
    double scale, logits;

    if (read_window(c, g, e) || own_number(c, g, "attention.scale", &scale, e)
        || own_number(c, g, "attn_logit_softcapping", &c->attention_cap, e)
        || own_number(c, g, "final_logit_softcapping", &c->logit_cap, e)
        || own_number(c, g, "embedding_scale", &c->embed_factor, e)
        || own_number(c, g, "residual_scale", &c->residual_factor, e)
        || own_number(c, g, "rope.freq_base_swa", &c->rope_theta_local, e)
        || own_number(c, g, "logit_scale", &logits, e))
        return -1;
    scale_gemma(c);
    if (scale > 0)
        c->attention_scale = scale;
    if (logits > 0)
        c->logit_factor = 1 / logits;
    if (reads(c, "rope.freq_base_swa") && c->rope_theta_local == 0)
        c->rope_theta_local = 10000;
    if (decoder_architecture_of(c)->files & DECODER_EMBEDS_SCALED)
        c->embed_factor = sqrt(c->width);
    return 0;
}

/* Layers that are not rotated: every fourth of SmolLM 3's, unless the file has a list. */
static int read_unrotated(struct decoder_config *c, const struct gguf *g, struct error *e)
{
    struct key k = key_of(c, "unrotated_layers");

    if (strcmp(decoder_architecture_of(c)->gguf, "smollm3"))
        return 0;
    for (int l = 3; l < c->layers; l += 4)
        c->layer_does[l] |= DECODER_UNROTATED;
    return gguf_has(g, k.text)
               ? read_layers(c, g, "unrotated_layers", DECODER_UNROTATED, e)
               : 0;
}

/* Biases that some models of an architecture have, by what the file holds. */
static void find_biases(struct decoder_config *c, const struct gguf *g)
{
    if (gguf_has_tensor(g, "blk.0.attn_q.bias") ||
        gguf_has_tensor(g, "blk.0.attn_qkv.bias"))
        c->biases |= DECODER_QKV_BIAS;
    if (gguf_has_tensor(g, "blk.0.attn_output.bias"))
        c->biases |= DECODER_OUT_BIAS;
}

static int read_rotation(struct decoder_config *c, const struct gguf *g, struct error *e)
{
    if (count_of(c, g, "rope.dimension_count", 1 << 10, c->head_dim, &c->rotated, e)
        || number_of(c, g, "rope.freq_base", 10000, &c->rope_theta, e))
        return -1;
    if (c->rotated != c->head_dim && decoder_architecture_of(c)->files & DECODER_PAIRS)
        return fail(e, "%s: %d of a head's %d numbers are rotated: expected all",
                    gguf_path(g), c->rotated, c->head_dim);
    return read_unrotated(c, g, e);
}

static int read_usual(struct decoder_config *c, const struct gguf *g, struct error *e)
{
    int share = c->width / c->heads > 0 ? c->width / c->heads : 1, value_dim;
    const char *eps = c->norm == DECODER_LAYERNORM ? "attention.layer_norm_epsilon"
                                                   : "attention.layer_norm_rms_epsilon";
    bool parallel;

    if (refuse_experts(c, g, e)
        || count_of(c, g, "attention.head_count_kv", 1 << 10, c->heads, &c->kv_heads, e)
        || count_of(c, g, "attention.key_length", 1 << 10, share, &c->head_dim, e)
        || count_of(c, g, "attention.value_length", 1 << 10, c->head_dim, &value_dim, e)
        || number_of(c, g, eps, 0, &c->norm_eps, e)
        || flag_of(c, g, "use_parallel_residual", true, &parallel, e))
        return -1;
    c->embed_width = c->width;
    if (c->layer_kind == DECODER_PARALLEL && !parallel)
        c->layer_kind = DECODER_NORM_BEFORE;
    if (value_dim != c->head_dim)
        return fail(e, "%s: keys of %d numbers but values of %d: not supported",
                    gguf_path(g), c->head_dim, value_dim);
    if (c->positions == DECODER_ROTARY && read_rotation(c, g, e))
        return -1;
    find_biases(c, g);
    return read_own(c, g, e);
}

static int read_opt(struct decoder_config *c, const struct gguf *g, struct error *e)
{
    bool before, final, biases;

    if (count_of(c, g, "embedding_projection_length", 1 << 16, c->width,
                 &c->embed_width, e)
        || number_of(c, g, "attention.layer_norm_epsilon", 0, &c->norm_eps, e)
        || flag_of(c, g, "norm_before", true, &before, e)
        || flag_of(c, g, "final_norm", before, &final, e)
        || flag_of(c, g, "biases", true, &biases, e))
        return -1;
    c->kv_heads = c->heads;
    c->head_dim = c->width / c->heads;
    c->biases = biases ? DECODER_ALL_BIASES : 0;
    c->layer_kind = before ? DECODER_NORM_BEFORE : DECODER_NORM_AFTER;
    c->no_final_norm = !final;
    return 0;
}

static int read_architecture(struct decoder_config *c, const struct gguf *g,
                             struct error *e)
{
    char *text = gguf_string(g, "general.architecture", e);
    const struct decoder_architecture *a;
    int result = 0;

    if (!text)
        return -1;
    a = decoder_architecture_gguf(text);
    if (a) {
        *c = a->is;
        c->architecture = a;
    } else {
        result = fail(e, "%s: architecture '%s': expected %s", gguf_path(g), text,
                      decoder_architecture_list_gguf());
    }
    free(text);
    return result;
}

static int read_vocabulary(struct decoder_config *c, const struct gguf *g,
                           struct error *e)
{
    const struct gguf_tensor *t =
        gguf_tensor(g, decoder_architecture_of(c)->gguf_names->of[DECODER_EMBED], e);

    if (!t)
        return -1;
    if (t->rows < 1 || t->rows > 1 << 24)
        return fail(e, "%s: %zu token embeddings: expected 1 to %d", gguf_path(g),
                    t->rows, 1 << 24);
    c->vocab = (int)t->rows;
    return 0;
}

int decoder_config_gguf(struct decoder_config *c, const struct gguf *g, struct error *e)
{
    *c = (struct decoder_config){ 0 };
    if (read_architecture(c, g, e) || read_sizes(c, g, e))
        return -1;
    if ((strcmp(decoder_architecture_of(c)->gguf, "opt") ? read_usual(c, g, e)
                                                         : read_opt(c, g, e))
        || decoder_config_gguf_keys(c, g, e) || decoder_config_check(c, gguf_path(g), e))
        return -1;
    return read_vocabulary(c, g, e);
}
