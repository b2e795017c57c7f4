#include "llm/decoder_architecture.h"
#include "llm/decoder_config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a GGUF key asks for.  llama.cpp takes a missing one as the neutral value. */
enum rule {
    READ,   /* by decoder_config_gguf.c */
    SILENT, /* changes nothing that is computed here */
    ZERO,   /* refused unless it is 0 or false */
    ONE,    /* refused unless it is 1 or true */
    EITHER, /* refused unless it is 0 (not said) or 1 */
};

struct key_rule {
    const char *name;
    enum rule rule;
};

static const struct key_rule of_all[] = {
    { "block_count", READ },
    { "embedding_length", READ },
    { "feed_forward_length", READ },
    { "attention.head_count", READ },
    { "context_length", READ },
    { "vocab_size", SILENT }, /* the token table says it */
    { "attention.causal", ONE },
};

static const struct key_rule of_usual[] = {
    { "attention.head_count_kv", READ },
    { "attention.key_length", READ },
    { "attention.value_length", READ },
    { "attention.layer_norm_rms_epsilon", READ },
    { "rope.dimension_count", READ },
    { "rope.freq_base", READ },
    { "rope.scaling.type", READ },
    { "rope.scaling.factor", READ },
    { "rope.scale_linear", READ },
    { "rope.scaling.original_context_length", READ },
    { "rope.scaling.attn_factor", READ },
    { "rope.scaling.yarn_beta_fast", READ },
    { "rope.scaling.yarn_beta_slow", READ },
    { "rope.scaling.yarn_ext_factor", READ },
    { "rope.scaling.yarn_attn_factor", READ },
    { "attention.layer_norm_epsilon", READ },
    { "attention.sliding_window_pattern", READ }, /* where there is a window */
    { "unrotated_layers", READ },
    { "expert_count", READ },
    { "expert_used_count", SILENT },          /* of an expert_count that is refused */
    { "rope.scaling.finetuned", SILENT },
    { "tensor_data_layout", SILENT }, /* a word on the file's origin */
    { "use_parallel_residual", ZERO },
    { "attention.scale", ZERO },
    { "attention.clamp_kqv", ZERO },
    { "attention.max_alibi_bias", ZERO },
    { "attention.sliding_window", ZERO },
    { "attn_logit_softcapping", ZERO },
    { "final_logit_softcapping", ZERO },
    { "logit_scale", EITHER },
    { "residual_scale", EITHER },
    { "embedding_scale", EITHER },
};

static const struct key_rule of_opt[] = {
    { "attention.layer_norm_epsilon", READ },
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* The rule for a name, or NULL. */
static const struct key_rule *rule_in(const struct key_rule *list, size_t n,
                                      struct gguf_text name)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(list[i].name) == name.size
            && !memcmp(list[i].name, name.data, name.size))
            return &list[i];
    return NULL;
}

static const struct key_rule own = { "", READ };

/* The architecture's own keys come first: what others may not ask for is read there. */
static const struct key_rule *rule_of(const struct decoder_config *c,
                                      struct gguf_text name)
{
    const struct decoder_architecture *a = decoder_architecture_of(c);
    const struct key_rule *r = rule_in(of_all, COUNT(of_all), name);

    for (const char *const *key = a->gguf_keys; key && *key; key++)
        if (strlen(*key) == name.size && !memcmp(*key, name.data, name.size))
            return &own;
    if (r)
        return r;
    return strcmp(a->gguf, "opt") ? rule_in(of_usual, COUNT(of_usual), name)
                                  : rule_in(of_opt, COUNT(of_opt), name);
}

static bool is_neutral(enum rule rule, double v)
{
    return (rule != ONE && v == 0) || (rule != ZERO && v == 1);
}

/* A key of the architecture that is not read must ask for nothing. */
static int check_key(const struct decoder_config *c, const struct gguf *g,
                     struct gguf_text key, size_t prefix, struct error *e)
{
    struct gguf_text name = { key.data + prefix, key.size - prefix };
    const struct key_rule *r = rule_of(c, name);
    char *text;
    double v;

    if (r && (r->rule == READ || r->rule == SILENT))
        return 0;
    if (!r)
        return fail(e, "%s: '%.*s' is not a key that is known here: it may change what "
                    "the model computes", gguf_path(g),
                    (int)(key.size < 200 ? key.size : 200), key.data);
    text = strndup(key.data, key.size);
    v = text ? gguf_number(g, text) : (double)NAN;
    free(text);
    if (is_neutral(r->rule, v))
        return 0;
    return fail(e, "%s: '%.*s' is %g: only %s is supported", gguf_path(g), (int)key.size,
                key.data, v, r->rule == ONE ? "1" : r->rule == ZERO ? "0" : "0 or 1");
}

int decoder_config_gguf_keys(const struct decoder_config *c, const struct gguf *g,
                             struct error *e)
{
    const char *name = decoder_architecture_of(c)->gguf;
    size_t prefix = strlen(name) + 1;

    for (size_t i = 0; i < gguf_keys(g); i++) {
        struct gguf_text key = gguf_key_at(g, i);

        if (key.size > prefix && !memcmp(key.data, name, prefix - 1)
            && key.data[prefix - 1] == '.' && check_key(c, g, key, prefix, e))
            return -1;
    }
    return 0;
}
