#include "formats/hf_config.h"
#include "llm/decoder_config.h"
#include "llm/decoder_names.h"
#include "util/mem.h"

#include <math.h>
#include <string.h>

/* A whole number from 1 to `most` that must be there. */
struct size {
    const char *key;
    long most;
    int *value;
};

static int read_sizes(const struct json_file *f, const struct size *size, int count,
                      struct error *e)
{
    long v;

    for (int i = 0; i < count; i++) {
        if (json_int(f, size[i].key, 1, size[i].most, &v, e))
            return -1;
        *size[i].value = (int)v;
    }
    return 0;
}

static int refuse_unless(const struct json_file *f, const char *key, const char *want,
                         struct error *e)
{
    const char *found;

    if (json_text_or(f, key, want, &found, e))
        return -1;
    if (strcmp(found, want))
        return fail(e, "%s: %s '%s': expected '%s'", f->path, key, found, want);
    return 0;
}

static int refuse_if(const struct json_file *f, const char *key, struct error *e)
{
    bool on;

    if (json_bool_or(f, key, false, &on, e))
        return -1;
    return on ? fail(e, "%s: %s is not supported", f->path, key) : 0;
}

/* Divisors of the frequencies, as Llama 3.1 has them: slow rotations are slowed by
 * `factor`, fast ones are kept, those between are blended. */
static int llama3_factors(double **factors, const struct decoder_config *c,
                          const struct json_file *f, struct error *e)
{
    double factor, low, high, context;
    int half = c->head_dim / 2;

    if (json_number(f, "factor", 1, 1e6, &factor, e)
        || json_number(f, "low_freq_factor", 1e-3, 1e6, &low, e)
        || json_number(f, "high_freq_factor", 1e-3, 1e6, &high, e)
        || json_number(f, "original_max_position_embeddings", 1, 1e9, &context, e))
        return -1;
    if (!(high > low))
        return fail(e, "%s: high_freq_factor %g: expected more than low_freq_factor %g",
                    f->path, high, low);
    *factors = mem_new((size_t)half, sizeof **factors);
    for (int j = 0; j < half; j++) {
        double frequency = pow(c->rope_theta, -2.0 * j / c->head_dim);
        double turns = context * frequency / (2 * 3.14159265358979323846);
        double keep = (turns - low) / (high - low);

        keep = keep < 0 ? 0 : keep > 1 ? 1 : keep;
        (*factors)[j] = 1 / ((1 - keep) / factor + keep);
    }
    return 0;
}

/* Divisors that are all the same: positions are divided by `factor`. */
static int linear_factors(double **factors, const struct decoder_config *c,
                          const struct json_file *f, struct error *e)
{
    int half = c->head_dim / 2;
    double factor;

    if (json_number(f, "factor", 1e-6, 1e6, &factor, e))
        return -1;
    *factors = mem_new((size_t)half, sizeof **factors);
    for (int j = 0; j < half; j++)
        (*factors)[j] = factor;
    return 0;
}

/* Frequencies by the kind of scaling that an object names. */
static int scaled_factors(double **factors, const struct decoder_config *c,
                          const struct json_file *f, struct error *e)
{
    const char *type, *old;
    double part, factor;

    if (json_text_or(f, "type", "", &old, e) || json_text_or(f, "rope_type", old, &type, e)
        || json_number_or(f, "partial_rotary_factor", 0, 1, 1, &part, e)
        || json_number_or(f, "factor", 0, 1e6, 1, &factor, e))
        return -1;
    if (part < 1)
        return fail(e, "%s: partial_rotary_factor %g: only 1 is supported", f->path, part);
    if (!*type && factor != 1)
        return fail(e, "%s: rope scaling by a factor of %g, but of no type: expected "
                    "\"rope_type\"", f->path, factor);
    if (!*type || !strcmp(type, "default"))
        return 0;
    if (!strcmp(type, "linear"))
        return linear_factors(factors, c, f, e);
    if (!strcmp(type, "llama3"))
        return llama3_factors(factors, c, f, e);
    return fail(e, "%s: rope scaling '%s' is not supported", f->path, type);
}

/* rope_theta and rope_scaling in config.json, or rope_parameters with both. */
static int read_rope(struct decoder_config *c, double **factors,
                     const struct json_file *config, struct error *e)
{
    struct json_file f = { config->path, NULL };
    const json_t *both = json_value(config, "rope_parameters");
    const json_t *scaling = both ? both : json_value(config, "rope_scaling");

    if (json_number_or(config, "rope_theta", 1, 1e12, 10000, &c->rope_theta, e))
        return -1;
    if (!scaling)
        return 0;
    if (!json_is_object(scaling))
        return fail(e, "%s: rope_scaling: expected an object", f.path);
    f.root = (json_t *)scaling;
    if (json_number_or(&f, "rope_theta", 1, 1e12, c->rope_theta, &c->rope_theta, e))
        return -1;
    return scaled_factors(factors, c, &f, e);
}

/* Keys with a say in what is computed that are read here. */
static const char *const llama_reads[] = {
    "hidden_act", "attention_bias", "mlp_bias", "rms_norm_eps", "rope_theta",
    "rope_scaling", "rope_parameters", NULL
};

static const char *const opt_reads[] = {
    "activation_function", "do_layer_norm_before", "_remove_final_layer_norm",
    "enable_bias", "layer_norm_elementwise_affine", NULL
};

static int read_llama(struct decoder_config *c, const struct json_file *f,
                      struct error *e)
{
    long v;

    if (refuse_unless(f, "hidden_act", "silu", e) || refuse_if(f, "attention_bias", e)
        || refuse_if(f, "mlp_bias", e)
        || read_sizes(f, &(struct size){ "intermediate_size", 1 << 19, &c->ff }, 1, e)
        || json_int_or(f, "num_key_value_heads", 1, 1 << 10, c->heads, &v, e))
        return -1;
    c->kv_heads = (int)v;
    if (json_int_or(f, "head_dim", 1, 1 << 10, c->width / c->heads, &v, e))
        return -1;
    c->head_dim = (int)v;
    c->embed_width = c->width;
    return json_number(f, "rms_norm_eps", 0, 1, &c->norm_eps, e);
}

static int read_opt(struct decoder_config *c, const struct json_file *f, struct error *e)
{
    bool before, removed, affine;
    long v;

    if (refuse_unless(f, "activation_function", "relu", e)
        || read_sizes(f, &(struct size){ "ffn_dim", 1 << 19, &c->ff }, 1, e)
        || json_int_or(f, "word_embed_proj_dim", 1, 1 << 16, c->width, &v, e)
        || json_bool_or(f, "do_layer_norm_before", true, &before, e)
        || json_bool_or(f, "_remove_final_layer_norm", false, &removed, e)
        || json_bool_or(f, "enable_bias", true, &c->biases, e)
        || json_bool_or(f, "layer_norm_elementwise_affine", true, &affine, e))
        return -1;
    if (!affine)
        return fail(e, "%s: layer_norm_elementwise_affine false is not supported",
                    f->path);
    c->embed_width = (int)v;
    c->kv_heads = c->heads;
    c->head_dim = c->width / c->heads;
    c->norm_after = !before;
    c->no_final_norm = !before || removed;
    c->norm_eps = 1e-5; /* torch's default, which OPT's code leaves as it is */
    return 0;
}

static int read_architecture(struct decoder_config *c, const struct json_file *f,
                             struct error *e)
{
    const char *type;

    if (json_text(f, "model_type", &type, e))
        return -1;
    if (decoder_architecture_find(type, &c->architecture) < 0)
        return fail(e, "%s: model_type '%s': expected %s", f->path, type,
                    decoder_architecture_list());
    if (json_value(f, "quantization_config"))
        return fail(e, "%s: quantized weights are not supported", f->path);
    return 0;
}

int decoder_config_hf(struct decoder_config *c, double **factors, bool *tied,
                      const struct json_file *f, struct error *e)
{
    const struct size size[] = {
        { "num_hidden_layers", 1000, &c->layers },
        { "hidden_size", 1 << 16, &c->width },
        { "num_attention_heads", 1 << 10, &c->heads },
        { "vocab_size", 1 << 24, &c->vocab },
        { "max_position_embeddings", 1 << 30, &c->context },
    };
    bool opt;

    *c = (struct decoder_config){ 0 };
    *factors = NULL;
    if (read_architecture(c, f, e)
        || read_sizes(f, size, sizeof size / sizeof *size, e))
        return -1;
    opt = c->architecture == DECODER_OPT;
    decoder_config_kinds(c);
    if ((opt ? read_opt(c, f, e) : read_llama(c, f, e))
        || hf_config_refuse_others(f, opt ? opt_reads : llama_reads, e)
        || json_bool_or(f, "tie_word_embeddings", opt, tied, e)
        || (c->positions == DECODER_ROTARY && read_rope(c, factors, f, e)))
        return -1;
    return decoder_config_check(c, f->path, e);
}
