#include "llm/decoder_config.h"
#include "llm/decoder_names.h"

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

    snprintf(k.text, sizeof k.text, "%s.%s", decoder_architecture_name(c->architecture),
             name);
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
    return count_of(c, g, "block_count", 1000, 0, &c->layers, e)
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

/* Scaling of no kind or of llama.cpp's own default, "linear", which is one divisor of
 * all frequencies; others are refused. */
static int check_scaling(const struct decoder_config *c, const struct gguf *g,
                         bool *linear, struct error *e)
{
    struct key k = key_of(c, "rope.scaling.type");
    char *text;
    int result = 0;

    *linear = true;
    if (!gguf_has(g, k.text))
        return 0;
    text = gguf_string(g, k.text, e);
    if (!text)
        return -1;
    *linear = !strcmp(text, "linear");
    if (!*linear && strcmp(text, "none"))
        result = fail(e, "%s: rope scaling '%s' is not supported", gguf_path(g), text);
    free(text);
    return result;
}

int decoder_rope_factor_gguf(const struct decoder_config *c, const struct gguf *g,
                             double *factor, struct error *e)
{
    struct key k = key_of(c, "rope.scaling.factor");
    bool linear;

    *factor = 1;
    if (check_scaling(c, g, &linear, e))
        return -1;
    if (!gguf_has(g, k.text))
        k = key_of(c, "rope.scale_linear");
    if (!linear || !gguf_has(g, k.text))
        return 0;
    *factor = gguf_number(g, k.text);
    if (*factor == 0) /* llama.cpp: not said */
        *factor = 1;
    return *factor > 0 && *factor < 1e6
               ? 0
               : fail(e, "%s: '%s' is %g: expected more than 0", gguf_path(g), k.text,
                      *factor);
}

static int read_llama(struct decoder_config *c, const struct gguf *g, struct error *e)
{
    int share = c->width / c->heads > 0 ? c->width / c->heads : 1, value_dim, rotated;

    if (refuse_experts(c, g, e)
        || count_of(c, g, "attention.head_count_kv", 1 << 10, c->heads, &c->kv_heads, e)
        || count_of(c, g, "attention.key_length", 1 << 10, share, &c->head_dim, e)
        || count_of(c, g, "attention.value_length", 1 << 10, c->head_dim, &value_dim, e)
        || count_of(c, g, "rope.dimension_count", 1 << 10, c->head_dim, &rotated, e)
        || number_of(c, g, "attention.layer_norm_rms_epsilon", 0, &c->norm_eps, e)
        || number_of(c, g, "rope.freq_base", 10000, &c->rope_theta, e))
        return -1;
    c->embed_width = c->width;
    if (value_dim != c->head_dim)
        return fail(e, "%s: keys of %d numbers but values of %d: not supported",
                    gguf_path(g), c->head_dim, value_dim);
    if (rotated != c->head_dim)
        return fail(e, "%s: %d of a head's %d numbers are rotated: expected all",
                    gguf_path(g), rotated, c->head_dim);
    return 0;
}

static int read_opt(struct decoder_config *c, const struct gguf *g, struct error *e)
{
    bool before, final;

    if (count_of(c, g, "embedding_projection_length", 1 << 16, c->width,
                 &c->embed_width, e)
        || number_of(c, g, "attention.layer_norm_epsilon", 0, &c->norm_eps, e)
        || flag_of(c, g, "norm_before", true, &before, e)
        || flag_of(c, g, "final_norm", before, &final, e)
        || flag_of(c, g, "biases", true, &c->biases, e))
        return -1;
    c->kv_heads = c->heads;
    c->head_dim = c->width / c->heads;
    c->norm_after = !before;
    c->no_final_norm = !final;
    return 0;
}

static int read_architecture(struct decoder_config *c, const struct gguf *g,
                             struct error *e)
{
    char *text = gguf_string(g, "general.architecture", e);
    int result = 0;

    if (!text)
        return -1;
    if (decoder_architecture_find(text, &c->architecture) < 0)
        result = fail(e, "%s: architecture '%s': expected %s", gguf_path(g), text,
                      decoder_architecture_list());
    free(text);
    return result;
}

static int read_vocabulary(struct decoder_config *c, const struct gguf *g,
                           struct error *e)
{
    char *name = decoder_gguf_name(c->architecture, DECODER_EMBED, 0);
    const struct gguf_tensor *t = gguf_tensor(g, name, e);

    free(name);
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
    decoder_config_kinds(c);
    if ((c->architecture == DECODER_OPT ? read_opt(c, g, e) : read_llama(c, g, e))
        || decoder_config_gguf_keys(c, g, e) || decoder_config_check(c, gguf_path(g), e))
        return -1;
    return read_vocabulary(c, g, e);
}
