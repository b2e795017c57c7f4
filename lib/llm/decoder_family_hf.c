/* What single families say in config.json beyond the sizes. */
#include "llm/decoder_architecture.h"
#include "llm/decoder_parts.h"

#include <math.h>
#include <string.h>

static int refuse_if(const struct json_file *f, const char *key, struct error *e)
{
    bool on;

    if (json_bool_or(f, key, false, &on, e))
        return -1;
    return on ? fail(e, "%s: %s is not supported", f->path, key) : 0;
}

/* Biases of all four products of attention. */
static int read_biases(struct decoder_config *c, const struct json_file *f,
                       struct error *e)
{
    bool on;

    if (json_bool_or(f, "attention_bias", false, &on, e) || refuse_if(f, "mlp_bias", e))
        return -1;
    if (on)
        c->biases |= DECODER_QKV_BIAS | DECODER_OUT_BIAS;
    return 0;
}

static int read_heads(struct decoder_config *c, const struct json_file *f, int head_dim,
                      struct error *e)
{
    long v;

    if (json_int_or(f, "num_key_value_heads", 1, 1 << 10, c->heads, &v, e))
        return -1;
    c->kv_heads = (int)v;
    if (json_int_or(f, "head_dim", 1, 1 << 10, head_dim, &v, e))
        return -1;
    c->head_dim = (int)v;
    c->embed_width = c->width;
    return json_number(f, "rms_norm_eps", 0, 1, &c->norm_eps, e);
}

static int read_usual(struct decoder_config *c, const struct json_file *f,
                      struct error *e)
{
    return read_heads(c, f, c->width / c->heads > 0 ? c->width / c->heads : 1, e)
                   || read_biases(c, f, e)
               ? -1
               : 0;
}

/* "layer_types", where it is there: which layers are local. */
static int read_layer_types(struct decoder_config *c, const struct json_file *f,
                            struct error *e)
{
    const json_t *list = json_value(f, "layer_types");

    if (json_array_size(list) != (size_t)c->layers)
        return fail(e, "%s: layer_types: expected a list of %d kinds, found %zu", f->path,
                    c->layers, json_array_size(list));
    for (int l = 0; l < c->layers; l++) {
        const char *kind = json_string_value(json_array_get(list, (size_t)l));
        bool local = kind && !strcmp(kind, "sliding_attention");

        if (!local && (!kind || strcmp(kind, "full_attention")))
            return fail(e,
                        "%s: layer_types[%d] is \"%s\": expected \"full_attention\" or "
                        "\"sliding_attention\"",
                        f->path, l, kind ? kind : "no text");
        c->layer_does[l] = (unsigned char)(c->layer_does[l] & ~DECODER_LOCAL);
        if (local)
            c->layer_does[l] |= DECODER_LOCAL;
    }
    return 0;
}

/* sliding_window; transformers' value where config.json has no such key; null: none. */
static int read_window(struct decoder_config *c, const struct json_file *f, int otherwise,
                       struct error *e)
{
    long v = otherwise;

    if (json_is_null(json_object_get(f->root, "sliding_window")))
        v = 0;
    else if (json_int_or(f, "sliding_window", 0, 1L << 30, otherwise, &v, e))
        return -1;
    c->window = (int)v;
    return 0;
}

int decoder_family_llama(struct decoder_config *c, const struct json_file *f,
                         struct error *e)
{
    return read_usual(c, f, e);
}

int decoder_family_mistral(struct decoder_config *c, const struct json_file *f,
                           struct error *e)
{
    decoder_make_local(c, 0);
    if (read_usual(c, f, e) || read_window(c, f, 4096, e))
        return -1;
    return json_value(f, "layer_types") ? read_layer_types(c, f, e) : 0;
}

/* Layers from max_window_layers on are local, where the window is switched on. */
int decoder_family_qwen(struct decoder_config *c, const struct json_file *f,
                        struct error *e)
{
    int head_dim = c->qk_norm ? 128 : c->width / c->heads > 0 ? c->width / c->heads : 1;
    bool on;
    long first;

    if (read_heads(c, f, head_dim, e) || (c->qk_norm && read_biases(c, f, e))
        || json_bool_or(f, "use_sliding_window", false, &on, e)
        || json_int_or(f, "max_window_layers", 0, DECODER_MOST_LAYERS, 28, &first, e))
        return -1;
    if (!on)
        return 0;
    for (int l = (int)first; l < c->layers; l++)
        c->layer_does[l] |= DECODER_LOCAL;
    if (read_window(c, f, 4096, e))
        return -1;
    return json_value(f, "layer_types") ? read_layer_types(c, f, e) : 0;
}

/* no_rope_layers has 1 where a layer is rotated; without it every fourth is not. */
int decoder_family_smollm3(struct decoder_config *c, const struct json_file *f,
                           struct error *e)
{
    const json_t *list = json_value(f, "no_rope_layers");
    bool window;
    long every;

    if (read_usual(c, f, e) || json_bool_or(f, "use_sliding_window", false, &window, e)
        || json_int_or(f, "no_rope_layer_interval", 1, DECODER_MOST_LAYERS, 4, &every, e))
        return -1;
    if (list && json_array_size(list) != (size_t)c->layers)
        return fail(e, "%s: no_rope_layers: expected %d numbers, found %zu", f->path,
                    c->layers, json_array_size(list));
    for (int l = 0; l < c->layers; l++) {
        const json_t *v = json_array_get(list, (size_t)l);
        bool rotated = list ? json_number_value(v) != 0 : (l + 1) % every != 0;

        if (list && !json_is_integer(v))
            return fail(e, "%s: no_rope_layers[%d]: expected 0 or 1", f->path, l);
        if (!rotated)
            c->layer_does[l] |= DECODER_UNROTATED;
    }
    if (!window)
        return 0;
    if (!json_value(f, "layer_types"))
        return fail(e, "%s: use_sliding_window without layer_types is not supported",
                    f->path);
    return read_window(c, f, 0, e) || read_layer_types(c, f, e) ? -1 : 0;
}

int decoder_family_granite(struct decoder_config *c, const struct json_file *f,
                           struct error *e)
{
    double logits;

    if (read_usual(c, f, e)
        || json_number_or(f, "embedding_multiplier", 1e-6, 1e6, 1, &c->embed_factor, e)
        || json_number_or(f, "residual_multiplier", 1e-6, 1e6, 1, &c->residual_factor, e)
        || json_number_or(f, "attention_multiplier", 1e-6, 1e6, 1, &c->attention_scale, e)
        || json_number_or(f, "logits_scaling", 1e-6, 1e6, 1, &logits, e))
        return -1;
    if (c->biases && c->residual_factor != 1)
        return fail(e, "%s: attention_bias with residual_multiplier is not supported",
                    f->path);
    c->logit_factor = 1 / logits;
    return 0;
}

int decoder_family_phi3(struct decoder_config *c, const struct json_file *f,
                        struct error *e)
{
    decoder_make_local(c, 0);
    return read_usual(c, f, e) || read_window(c, f, 0, e) ? -1 : 0;
}

/* The one activation that Gemma has, which older configs call by another name too. */
int decoder_family_gemma(struct decoder_config *c, const struct json_file *f,
                         struct error *e)
{
    const char *act, *hidden;

    if (json_text_or(f, "hidden_act", "gelu_pytorch_tanh", &act, e)
        || json_text_or(f, "hidden_activation", act, &hidden, e))
        return -1;
    if (strcmp(hidden, "gelu_pytorch_tanh"))
        return fail(e, "%s: hidden_activation '%s': expected 'gelu_pytorch_tanh'",
                    f->path, hidden);
    return read_heads(c, f, 256, e) || refuse_if(f, "attention_bias", e) ? -1 : 0;
}

/* What Gemma 2 and 3 have beyond Gemma; local layers alternate, or are all but each
 * sixth. */
static int read_gemma(struct decoder_config *c, const struct json_file *f, double scores,
                      double logits, int every, struct error *e)
{
    double scalar;

    decoder_make_local(c, every);
    if (decoder_family_gemma(c, f, e)
        || json_number_or(f, "query_pre_attn_scalar", 1e-3, 1e6, 256, &scalar, e)
        || read_window(c, f, 4096, e))
        return -1;
    c->attention_scale = 1 / sqrt(scalar);
    if (!json_is_null(json_object_get(f->root, "attn_logit_softcapping")) &&
        json_number_or(f, "attn_logit_softcapping", 0, 1e6, scores, &c->attention_cap, e))
        return -1;
    if (!json_is_null(json_object_get(f->root, "final_logit_softcapping"))
        && json_number_or(f, "final_logit_softcapping", 0, 1e6, logits, &c->logit_cap, e))
        return -1;
    return json_value(f, "layer_types") ? read_layer_types(c, f, e) : 0;
}

int decoder_family_gemma2(struct decoder_config *c, const struct json_file *f,
                          struct error *e)
{
    return read_gemma(c, f, 50, 30, c->architecture->local_every, e);
}

int decoder_family_gemma3(struct decoder_config *c, const struct json_file *f,
                          struct error *e)
{
    long every;

    if (json_int_or(f, "_sliding_window_pattern", 1, DECODER_MOST_LAYERS,
                    c->architecture->local_every, &every, e) ||
        json_int_or(f, "sliding_window_pattern", 1, DECODER_MOST_LAYERS, every, &every,
                    e) ||
        json_number_or(f, "rope_local_base_freq", 1, 1e12, 10000, &c->rope_theta_local,
                       e))
        return -1;
    return read_gemma(c, f, 0, 0, (int)every, e);
}

/* One of the activations of a feed-forward without gates. */
static int read_activation(struct decoder_config *c, const struct json_file *f,
                           const char *key, const char *otherwise, struct error *e)
{
    const char *act;

    if (json_text_or(f, key, otherwise, &act, e))
        return -1;
    if (!strcmp(act, "gelu_new") || !strcmp(act, "gelu_fast")
        || !strcmp(act, "gelu_pytorch_tanh"))
        c->ff_kind = DECODER_GELU_TANH;
    else if (!strcmp(act, "gelu"))
        c->ff_kind = DECODER_GELU;
    else if (!strcmp(act, "relu"))
        c->ff_kind = DECODER_RELU;
    else
        return fail(e, "%s: %s '%s': expected 'gelu', 'gelu_new', 'gelu_fast', "
                    "'gelu_pytorch_tanh' or 'relu'", f->path, key, act);
    return 0;
}

static void all_heads(struct decoder_config *c)
{
    c->kv_heads = c->heads;
    c->head_dim = c->width / c->heads > 0 ? c->width / c->heads : 1;
    c->embed_width = c->width;
}

int decoder_family_neox(struct decoder_config *c, const struct json_file *f,
                        struct error *e)
{
    bool parallel, biases;

    if (read_activation(c, f, "hidden_act", "gelu", e)
        || json_bool_or(f, "use_parallel_residual", true, &parallel, e)
        || json_bool_or(f, "attention_bias", true, &biases, e)
        || json_number_or(f, "layer_norm_eps", 0, 1, 1e-5, &c->norm_eps, e))
        return -1;
    all_heads(c);
    if (!parallel)
        c->layer_kind = DECODER_NORM_BEFORE;
    if (!biases)
        c->biases = DECODER_FF_BIAS;
    c->rotated = c->head_dim / 4; /* where no share is said */
    return 0;
}

int decoder_family_gpt2(struct decoder_config *c, const struct json_file *f,
                        struct error *e)
{
    bool scaled;
    long v;

    if (read_activation(c, f, "activation_function", "gelu_new", e)
        || json_bool_or(f, "scale_attn_weights", true, &scaled, e)
        || refuse_if(f, "scale_attn_by_inverse_layer_idx", e)
        || json_int_or(f, "n_inner", 1, 1 << 19, 4L * c->width, &v, e)
        || json_number_or(f, "layer_norm_epsilon", 0, 1, 1e-5, &c->norm_eps, e))
        return -1;
    all_heads(c);
    c->ff = (int)v;
    if (!scaled)
        c->attention_scale = 1;
    return 0;
}

int decoder_family_opt(struct decoder_config *c, const struct json_file *f,
                       struct error *e)
{
    bool before, removed, affine, biases;
    long v;

    if (json_int_or(f, "word_embed_proj_dim", 1, 1 << 16, c->width, &v, e)
        || json_bool_or(f, "do_layer_norm_before", true, &before, e)
        || json_bool_or(f, "_remove_final_layer_norm", false, &removed, e)
        || json_bool_or(f, "enable_bias", true, &biases, e)
        || json_bool_or(f, "layer_norm_elementwise_affine", true, &affine, e))
        return -1;
    if (!affine)
        return fail(e, "%s: layer_norm_elementwise_affine false is not supported",
                    f->path);
    all_heads(c);
    c->embed_width = (int)v;
    c->biases = biases ? DECODER_ALL_BIASES : 0;
    c->layer_kind = before ? DECODER_NORM_BEFORE : DECODER_NORM_AFTER;
    c->no_final_norm = !before || removed;
    c->norm_eps = 1e-5; /* torch's default, which OPT's code leaves as it is */
    return 0;
}
