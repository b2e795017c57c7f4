#include "formats/hf_config.h"

#include <string.h>

/* Words in the names of keys that change what a model computes.  Whole parts of the name
 * between '_' or '.', but for the last letters of a plural. */
static const char *const words[] = {
    "act",     "activation", "alibi",    "attn",       "bias",       "cap",
    "clip",    "cross",      "decoder",  "expert",     "experts",    "gated",
    "kernel",  "logit",      "logits",   "lora",       "moe",        "multiplier",
    "norm",    "parallel",   "partial",  "qk",         "quantization", "relative",
    "residual", "rope",      "rotary",   "scale",      "scalar",     "scaling",
    "sliding", "softcap",    "softcapping", "sparse",  "window",
};

/* Keys with such a word that change nothing: training, tasks, provenance, and what only
 * chooses how the same thing is computed. */
static const char *const harmless[] = {
    "activation_dropout", "attn_dropout", "attn_implementation", "attn_pdrop",
    "_attn_implementation", "_attn_implementation_internal", "classifier_activation",
    "decoder_start_token_id", "is_encoder_decoder_model", "lora_dropout",
    "max_window_layers", "output_router_logits", "resid_pdrop", "scale_attn_weights",
    "sparse_pred_dropout", "use_flash_attn",
};

/* Other keys that ask for what is not computed here. */
static const char *const named[] = {
    "is_encoder_decoder", "layer_types", "no_rope_layers", "num_local_experts",
    "tie_encoder_decoder", "use_bidirectional_attention",
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static bool is_in(const char *const *list, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], key) == 0)
            return true;
    return false;
}

static bool has_word(const char *key)
{
    while (*key) {
        size_t n = strcspn(key, "_.");

        for (size_t i = 0; i < COUNT(words); i++)
            if (strlen(words[i]) == n && memcmp(words[i], key, n) == 0)
                return true;
        key += n + (key[n] != '\0');
    }
    return false;
}

/* All layers attend to everything: what a config without the key says. */
static bool all_full(const json_t *list)
{
    const json_t *v;
    size_t i;

    json_array_foreach (list, i, v)
        if (!json_is_string(v) || strcmp(json_string_value(v), "full_attention") != 0)
            return false;
    return true;
}

static bool asks_for_nothing(const char *key, const json_t *v)
{
    if (json_is_null(v) || json_is_false(v))
        return true;
    if (json_is_array(v))
        return json_array_size(v) == 0 ||
               (strcmp(key, "layer_types") == 0 && all_full(v));
    if (json_is_object(v))
        return json_object_size(v) == 0 && strcmp(key, "quantization_config") != 0;
    if (json_is_string(v))
        return !*json_string_value(v) || strcmp(json_string_value(v), "none") == 0;
    if (json_is_number(v))
        return json_number_value(v) == 0
               || (json_number_value(v) == 1 && strstr(key, "num_") != key);
    return false; /* true */
}

/* A window that holds the longest sequence hides nothing; one that is switched off. */
static bool window_is_idle(const struct json_file *f, const char *key, const json_t *v)
{
    const json_t *longest = json_object_get(f->root, "max_position_embeddings");

    if (strcmp(key, "sliding_window") != 0)
        return false;
    return json_is_false(json_object_get(f->root, "use_sliding_window"))
           || (json_is_number(v) && json_is_number(longest)
               && json_number_value(v) >= json_number_value(longest));
}

int hf_config_refuse_others(const struct json_file *f, const char *const *read,
                            struct error *e)
{
    size_t reads = 0;
    const char *key;
    json_t *v;

    while (read[reads])
        reads++;
    json_object_foreach (f->root, key, v) {
        if (is_in(read, reads, key) || is_in(harmless, COUNT(harmless), key)
            || (!has_word(key) && !is_in(named, COUNT(named), key))
            || asks_for_nothing(key, v) || window_is_idle(f, key, v))
            continue;
        return fail(e, "%s: \"%.100s\" asks for what is not computed here", f->path, key);
    }
    return 0;
}

int hf_config_refuse_quantized(const struct json_file *f, const char *instead,
                               struct error *e)
{
    const json_t *q = json_value(f, "quantization_config");
    const char *method = json_string_value(json_object_get(q, "quant_method"));

    if (!q || json_is_false(q))
        return 0;
    return fail(e,
                "%s: weights quantized by %.60s are not read here: take the model's "
                "folder from before that%s",
                f->path, method ? method : "a method without a name", instead);
}

/* More than one, or as many in the first of several parts. */
static bool is_many(const json_t *count)
{
    if (json_is_array(count))
        count = json_array_get(count, 0);
    return json_is_number(count) && json_number_value(count) > 1;
}

const char *hf_config_beyond(const struct json_file *f)
{
    static const char *const experts[] = { "num_local_experts", "num_experts",
                                           "n_routed_experts", "moe_num_experts" };
    static const char *const others[] = { "vision_config", "audio_config",
                                          "image_token_id", "img_processor" };
    const json_t *text = json_value(f, "text_config");

    for (size_t i = 0; i < COUNT(experts); i++)
        if (is_many(json_value(f, experts[i]))
            || is_many(json_object_get(text, experts[i])))
            return " (a mixture of experts)";
    for (size_t i = 0; i < COUNT(others); i++)
        if (json_value(f, others[i]))
            return " (a model of more than texts)";
    return "";
}
