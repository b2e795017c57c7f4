#include "models/decoder_load.h"
#include "util/mem.h"
#include "weights/hf_folder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[DECODER_MATRICES] = {
    [DECODER_EMBED] = "embed_tokens.weight",
    [DECODER_HEAD] = "lm_head.weight",
    [DECODER_FINAL_NORM] = "norm.weight",
    [DECODER_ATTENTION_NORM] = "input_layernorm.weight",
    [DECODER_FF_NORM] = "post_attention_layernorm.weight",
    [DECODER_Q] = "self_attn.q_proj.weight",
    [DECODER_K] = "self_attn.k_proj.weight",
    [DECODER_V] = "self_attn.v_proj.weight",
    [DECODER_O] = "self_attn.o_proj.weight",
    [DECODER_GATE] = "mlp.gate_proj.weight",
    [DECODER_UP] = "mlp.up_proj.weight",
    [DECODER_DOWN] = "mlp.down_proj.weight",
};

struct hf_model {
    hf_folder *folder;
    const struct json_file *config;
    struct decoder_config c;
    const struct safetensor **tensor; /* layer * DECODER_MATRICES + what */
    double *factors;                  /* NULL: none */
    const char *prefix;               /* "model." or "" */
    bool tied;
};

static int read_sizes(struct hf_model *m, struct error *e)
{
    const struct json_file *f = m->config;
    struct decoder_config *c = &m->c;
    const struct {
        const char *key;
        long most;
        int *value;
    } size[] = {
        { "num_hidden_layers", 1000, &c->layers },
        { "hidden_size", 1 << 16, &c->width },
        { "intermediate_size", 1 << 19, &c->ff },
        { "num_attention_heads", 1 << 10, &c->heads },
        { "vocab_size", 1 << 24, &c->vocab },
        { "max_position_embeddings", 1 << 30, &c->context },
    };
    long v;

    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        if (json_int(f, size[i].key, 1, size[i].most, &v, e))
            return -1;
        *size[i].value = (int)v;
    }
    if (json_int_or(f, "num_key_value_heads", 1, 1 << 10, c->heads, &v, e))
        return -1;
    c->kv_heads = (int)v;
    if (json_int_or(f, "head_dim", 1, 1 << 10, c->width / c->heads, &v, e))
        return -1;
    c->head_dim = (int)v;
    return json_number(f, "rms_norm_eps", 0, 1, &c->norm_eps, e);
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

static int refuse_unknown(struct hf_model *m, struct error *e)
{
    const struct json_file *f = m->config;
    const char *const off[] = { "attention_bias", "mlp_bias" };
    const char *type;
    bool on;

    if (json_text(f, "model_type", &type, e) || refuse_unless(f, "model_type", "llama", e)
        || refuse_unless(f, "hidden_act", "silu", e))
        return -1;
    for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
        if (json_bool_or(f, off[i], false, &on, e))
            return -1;
        if (on)
            return fail(e, "%s: %s is not supported", f->path, off[i]);
    }
    if (json_value(f, "quantization_config"))
        return fail(e, "%s: quantized weights are not supported", f->path);
    return 0;
}

/* Divisors of the frequencies, as Llama 3.1 has them: slow rotations are slowed by
 * `factor`, fast ones are kept, those between are blended. */
static int llama3_factors(struct hf_model *m, const struct json_file *f, struct error *e)
{
    double factor, low, high, context;
    int half = m->c.head_dim / 2;

    if (json_number(f, "factor", 1, 1e6, &factor, e)
        || json_number(f, "low_freq_factor", 1e-3, 1e6, &low, e)
        || json_number(f, "high_freq_factor", 1e-3, 1e6, &high, e)
        || json_number(f, "original_max_position_embeddings", 1, 1e9, &context, e))
        return -1;
    if (!(high > low))
        return fail(e, "%s: high_freq_factor %g: expected more than low_freq_factor %g",
                    f->path, high, low);
    m->factors = mem_new((size_t)half, sizeof *m->factors);
    for (int j = 0; j < half; j++) {
        double frequency = pow(m->c.rope_theta, -2.0 * j / m->c.head_dim);
        double turns = context * frequency / (2 * 3.14159265358979323846);
        double keep = (turns - low) / (high - low);

        keep = keep < 0 ? 0 : keep > 1 ? 1 : keep;
        m->factors[j] = 1 / ((1 - keep) / factor + keep);
    }
    return 0;
}

/* rope_theta and rope_scaling in config.json, or rope_parameters with both. */
static int read_rope(struct hf_model *m, struct error *e)
{
    struct json_file f = { m->config->path, NULL };
    const json_t *both = json_value(m->config, "rope_parameters");
    const json_t *scaling = both ? both : json_value(m->config, "rope_scaling");
    const char *type, *old;

    if (json_number_or(m->config, "rope_theta", 1, 1e12, 10000, &m->c.rope_theta, e))
        return -1;
    if (!scaling)
        return 0;
    if (!json_is_object(scaling))
        return fail(e, "%s: rope_scaling: expected an object", f.path);
    f.root = (json_t *)scaling;
    if (json_number_or(&f, "rope_theta", 1, 1e12, m->c.rope_theta, &m->c.rope_theta, e)
        || json_text_or(&f, "type", "default", &old, e)
        || json_text_or(&f, "rope_type", old, &type, e))
        return -1;
    if (!strcmp(type, "default"))
        return 0;
    if (!strcmp(type, "llama3"))
        return llama3_factors(m, &f, e);
    return fail(e, "%s: rope scaling '%s' is not supported", f.path, type);
}

static char *tensor_name(const struct hf_model *m, enum decoder_matrix what, int layer)
{
    if (what == DECODER_HEAD)
        return mem_string(names[what]);
    if (!decoder_by_layer(what))
        return mem_format("%s%s", m->prefix, names[what]);
    return mem_format("%slayers.%d.%s", m->prefix, layer, names[what]);
}

/* A matrix of the right shape and a type that safetensors_read knows. */
static const struct safetensor *find(struct hf_model *m, enum decoder_matrix what,
                                     int layer, struct error *e)
{
    char *name = tensor_name(m, what, layer);
    const struct safetensor *t;
    int rows, columns;
    int64_t dim[2];
    bool norm;

    decoder_shape(&m->c, what, &rows, &columns);
    norm = rows == 1 && what != DECODER_EMBED && what != DECODER_HEAD;
    dim[0] = norm ? columns : rows;
    dim[1] = columns;
    t = hf_tensor(m->folder, name, norm ? 1 : 2, dim, e);
    if (t && t->type != ST_F64 && t->type != ST_F32 && t->type != ST_F16
        && t->type != ST_BF16) {
        fail(e, "%s: '%s' is %s: expected floating-point numbers", hf_path(m->folder),
             name, safetensors_type_name(t->type));
        t = NULL;
    }
    free(name);
    return t;
}

static int refuse_biases(const struct hf_model *m, struct error *e)
{
    for (int w = 0; w < DECODER_MATRICES; w++) {
        char *name = tensor_name(m, w, 0);
        bool there;

        strcpy(strrchr(name, '.'), ".bias");
        there = hf_find(m->folder, name) != NULL;
        if (there)
            fail(e, "%s: '%s' is not supported", hf_path(m->folder), name);
        free(name);
        if (there)
            return -1;
    }
    return 0;
}

static int find_tensors(struct hf_model *m, struct error *e)
{
    if (json_bool_or(m->config, "tie_word_embeddings", false, &m->tied, e))
        return -1;
    m->tied = m->tied || !hf_find(m->folder, names[DECODER_HEAD]);
    m->prefix = hf_find(m->folder, names[DECODER_EMBED]) ? "" : "model.";
    m->tensor = mem_new((size_t)m->c.layers * DECODER_MATRICES, sizeof *m->tensor);
    for (int l = 0; l < m->c.layers; l++)
        for (int w = 0; w < DECODER_MATRICES; w++) {
            if ((l && !decoder_by_layer(w)) || (w == DECODER_HEAD && m->tied))
                continue;
            m->tensor[l * DECODER_MATRICES + w] = find(m, w, l, e);
            if (!m->tensor[l * DECODER_MATRICES + w])
                return -1;
        }
    return refuse_biases(m, e);
}

static void hf_model_row(real *row, enum decoder_matrix what, int layer, int index,
                         void *data)
{
    const struct hf_model *m = data;
    const struct safetensor *t = m->tensor[layer * DECODER_MATRICES + (int)what];
    int64_t columns = t->dim[t->ndim - 1];
    struct error none; /* the type was checked */

#ifdef REAL_IS_DOUBLE
    float *floats = mem_new((size_t)columns, sizeof *floats);

    safetensors_read(floats, t, index * columns, columns, &none);
    for (int64_t j = 0; j < columns; j++)
        row[j] = (real)floats[j];
    free(floats);
#else
    safetensors_read(row, t, index * columns, columns, &none);
#endif
}

struct decoder *decoder_load_hf(const char *path, enum frozen_precision precision,
                            struct error *e)
{
    struct hf_model m = { .folder = hf_open(path, e) };
    struct decoder *model = NULL;

    if (!m.folder)
        return NULL;
    m.config = hf_config(m.folder);
    if (!refuse_unknown(&m, e) && !read_sizes(&m, e) && !read_rope(&m, e)
        && !decoder_config_check(&m.c, m.config->path, e) && !find_tensors(&m, e)) {
        struct decoder_source s = { hf_model_row, &m, m.tied, m.factors };

        model = decoder_make(&m.c, &s, precision);
    }
    free(m.tensor);
    free(m.factors);
    hf_close(m.folder);
    return model;
}
