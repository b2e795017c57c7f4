#include "models/decoder_load.h"
#include "util/mem.h"
#include "weights/gguf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[DECODER_MATRICES] = {
    [DECODER_EMBED] = "token_embd.weight",
    [DECODER_HEAD] = "output.weight",
    [DECODER_FINAL_NORM] = "output_norm.weight",
    [DECODER_ATTENTION_NORM] = "attn_norm.weight",
    [DECODER_FF_NORM] = "ffn_norm.weight",
    [DECODER_Q] = "attn_q.weight",
    [DECODER_K] = "attn_k.weight",
    [DECODER_V] = "attn_v.weight",
    [DECODER_O] = "attn_output.weight",
    [DECODER_GATE] = "ffn_gate.weight",
    [DECODER_UP] = "ffn_up.weight",
    [DECODER_DOWN] = "ffn_down.weight",
};

struct gguf_model {
    struct gguf *g;
    struct decoder_config c;
    const struct gguf_tensor **tensor; /* layer * DECODER_MATRICES + what */
    double *factors;                   /* NULL: none */
    bool tied;
};

static bool gguf_has_tensor(const struct gguf *g, const char *name)
{
    for (size_t i = 0; i < gguf_tensors(g); i++)
        if (!strcmp(gguf_tensor_at(g, i)->name, name))
            return true;
    return false;
}

static int count_of(const struct gguf *g, const char *key, uint32_t most, int otherwise,
                    int *value, struct error *e)
{
    uint32_t v;

    if (otherwise && !gguf_has(g, key)) {
        *value = otherwise;
        return 0;
    }
    if (gguf_u32(g, key, &v, e))
        return -1;
    if (v < 1 || v > most)
        return fail(e, "%s: '%s' is %u: expected 1 to %u", gguf_path(g), key, v, most);
    *value = (int)v;
    return 0;
}

static int read_sizes(struct gguf_model *m, struct error *e)
{
    struct decoder_config *c = &m->c;
    const struct gguf *g = m->g;
    int value_dim = 0;

    if (count_of(g, "llama.block_count", 1000, 0, &c->layers, e)
        || count_of(g, "llama.embedding_length", 1 << 16, 0, &c->width, e)
        || count_of(g, "llama.feed_forward_length", 1 << 19, 0, &c->ff, e)
        || count_of(g, "llama.attention.head_count", 1 << 10, 0, &c->heads, e)
        || count_of(g, "llama.attention.head_count_kv", 1 << 10, c->heads, &c->kv_heads,
                    e)
        || count_of(g, "llama.attention.key_length", 1 << 10,
                    c->width / c->heads > 0 ? c->width / c->heads : 1, &c->head_dim, e)
        || count_of(g, "llama.attention.value_length", 1 << 10, c->head_dim, &value_dim,
                    e)
        || count_of(g, "llama.context_length", 1 << 30, 0, &c->context, e))
        return -1;
    if (value_dim != c->head_dim)
        return fail(e, "%s: keys of %d numbers but values of %d: not supported",
                    gguf_path(g), c->head_dim, value_dim);
    return 0;
}

static int read_numbers(struct gguf_model *m, struct error *e)
{
    const struct gguf *g = m->g;
    float eps, theta = 10000;
    int rotated = 0;

    if (gguf_f32(g, "llama.attention.layer_norm_rms_epsilon", &eps, e)
        || (gguf_has(g, "llama.rope.freq_base")
            && gguf_f32(g, "llama.rope.freq_base", &theta, e))
        || count_of(g, "llama.rope.dimension_count", 1 << 10, m->c.head_dim, &rotated, e))
        return -1;
    m->c.norm_eps = (double)eps;
    m->c.rope_theta = (double)theta;
    if (rotated != m->c.head_dim)
        return fail(e, "%s: %d of a head's %d numbers are rotated: expected all",
                    gguf_path(g), rotated, m->c.head_dim);
    return 0;
}

/* What we do not compute must not be asked for. */
static int refuse_unknown(const struct gguf *g, struct error *e)
{
    char *text = gguf_string(g, "general.architecture", e);
    bool other;

    if (!text)
        return -1;
    other = strcmp(text, "llama") != 0;
    if (other)
        fail(e, "%s: architecture '%s': expected 'llama'", gguf_path(g), text);
    free(text);
    if (other)
        return -1;
    if (gguf_has(g, "llama.expert_count")) {
        uint32_t experts;

        if (gguf_u32(g, "llama.expert_count", &experts, e))
            return -1;
        if (experts)
            return fail(e, "%s: a mixture of %u experts is not supported", gguf_path(g),
                        experts);
    }
    if (!gguf_has(g, "llama.rope.scaling.type"))
        return 0;
    text = gguf_string(g, "llama.rope.scaling.type", e);
    if (!text)
        return -1;
    other = strcmp(text, "none") != 0;
    if (other)
        fail(e, "%s: rope scaling '%s' is not supported", gguf_path(g), text);
    free(text);
    return other ? -1 : 0;
}

static const struct gguf_tensor *find(struct gguf_model *m, enum decoder_matrix what,
                                      int layer, struct error *e)
{
    const struct gguf_tensor *t;
    char name[80];
    int rows, columns;

    if (decoder_by_layer(what))
        snprintf(name, sizeof name, "blk.%d.%s", layer, names[what]);
    else
        snprintf(name, sizeof name, "%s", names[what]);
    t = gguf_tensor(m->g, name, e);
    if (!t)
        return NULL;
    decoder_shape(&m->c, what, &rows, &columns);
    if (t->shape[0] != (size_t)columns || t->rows != (size_t)rows) {
        fail(e, "%s: '%s' is %zu x %zu: expected %d x %d", gguf_path(m->g), name, t->rows,
             t->shape[0], rows, columns);
        return NULL;
    }
    return t;
}

static int read_vocabulary(struct gguf_model *m, struct error *e)
{
    const struct gguf_tensor *t = gguf_tensor(m->g, names[DECODER_EMBED], e);

    if (!t)
        return -1;
    if (t->rows < 1 || t->rows > 1 << 24)
        return fail(e, "%s: %zu token embeddings: expected 1 to %d", gguf_path(m->g),
                    t->rows, 1 << 24);
    m->c.vocab = (int)t->rows;
    return 0;
}

static int find_tensors(struct gguf_model *m, struct error *e)
{
    size_t used = 0;

    m->tied = !gguf_has_tensor(m->g, names[DECODER_HEAD]);
    m->tensor = mem_new((size_t)m->c.layers * DECODER_MATRICES, sizeof *m->tensor);
    for (int l = 0; l < m->c.layers; l++)
        for (int w = 0; w < DECODER_MATRICES; w++) {
            if ((l && !decoder_by_layer(w)) || (w == DECODER_HEAD && m->tied))
                continue;
            m->tensor[l * DECODER_MATRICES + w] = find(m, w, l, e);
            if (!m->tensor[l * DECODER_MATRICES + w])
                return -1;
            used++;
        }
    used += m->factors != NULL;
    if (used == gguf_tensors(m->g))
        return 0;
    for (size_t i = 0; i < gguf_tensors(m->g); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(m->g, i);
        bool known = !strcmp(t->name, "rope_freqs.weight");

        for (int k = 0; k < m->c.layers * DECODER_MATRICES; k++)
            known |= m->tensor[k] == t;
        if (!known)
            return fail(e, "%s: tensor '%s' has no place in a Llama of %d layers",
                        gguf_path(m->g), t->name, m->c.layers);
    }
    return 0;
}

/* Llama 3's long contexts: each frequency has its own divisor. */
static int read_factors(struct gguf_model *m, struct error *e)
{
    const struct gguf_tensor *t;
    float *f;
    int half = m->c.head_dim / 2, wrong = -1;

    if (!gguf_has_tensor(m->g, "rope_freqs.weight"))
        return 0;
    t = gguf_tensor(m->g, "rope_freqs.weight", e);
    if (!t)
        return -1;
    if (t->rows != 1 || t->shape[0] != (size_t)half)
        return fail(e, "%s: 'rope_freqs.weight' is %zu x %zu: expected 1 x %d",
                    gguf_path(m->g), t->rows, t->shape[0], half);
    f = mem_new((size_t)half, sizeof *f);
    m->factors = mem_new((size_t)half, sizeof *m->factors);
    gguf_row_floats(t, 0, 1, f);
    for (int i = 0; i < half; i++) {
        m->factors[i] = (double)f[i];
        if (!(f[i] > 0))
            wrong = i;
    }
    free(f);
    if (wrong >= 0)
        return fail(e, "%s: 'rope_freqs.weight'[%d] is %g: expected more than 0",
                    gguf_path(m->g), wrong, m->factors[wrong]);
    return 0;
}

/* Row r of Q and K as Hugging Face has them: llama.cpp puts the two numbers that
 * are rotated together side by side. */
static size_t pair_row(int r, int head_dim)
{
    int half = head_dim / 2, in = r % head_dim;

    return (size_t)(r - in + 2 * (in % half) + in / half);
}

static void gguf_model_row(real *row, enum decoder_matrix what, int layer, int index,
                           void *data)
{
    const struct gguf_model *m = data;
    const struct gguf_tensor *t = m->tensor[layer * DECODER_MATRICES + (int)what];
    size_t from = what == DECODER_Q || what == DECODER_K ? pair_row(index, m->c.head_dim)
                                                     : (size_t)index;

#ifdef REAL_IS_DOUBLE
    float *floats = mem_new(t->shape[0], sizeof *floats);

    gguf_row_floats(t, from, from + 1, floats);
    for (size_t j = 0; j < t->shape[0]; j++)
        row[j] = (real)floats[j];
    free(floats);
#else
    gguf_row_floats(t, from, from + 1, row);
#endif
}

struct decoder *decoder_load_gguf(const char *path, enum frozen_precision precision,
                              struct error *e)
{
    struct gguf_model m = { .g = gguf_open(path, e) };
    struct decoder *model = NULL;

    if (!m.g)
        return NULL;
    if (!refuse_unknown(m.g, e) && !read_sizes(&m, e) && !read_numbers(&m, e)
        && !decoder_config_check(&m.c, path, e) && !read_vocabulary(&m, e)
        && !read_factors(&m, e) && !find_tensors(&m, e)) {
        struct decoder_source s = { gguf_model_row, &m, m.tied, m.factors };

        model = decoder_make(&m.c, &s, precision);
    }
    free(m.tensor);
    free(m.factors);
    gguf_close(m.g);
    return model;
}
