#include "formats/dequant.h"
#include "llm/decoder_config.h"
#include "llm/decoder_load.h"
#include "llm/decoder_names.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static char *tensor_name(const struct gguf_model *m, enum decoder_matrix what, int layer)
{
    return decoder_gguf_name(m->c.architecture, what, layer);
}

static const struct gguf_tensor *find(struct gguf_model *m, enum decoder_matrix what,
                                      int layer, struct error *e)
{
    char *name = tensor_name(m, what, layer);
    const struct gguf_tensor *t = gguf_tensor(m->g, name, e);
    int rows, columns;

    decoder_shape(&m->c, what, &rows, &columns);
    if (t && (t->shape[0] != (size_t)columns || t->rows != (size_t)rows)) {
        fail(e, "%s: '%s' is %zu x %zu: expected %d x %d", gguf_path(m->g), name, t->rows,
             t->shape[0], rows, columns);
        t = NULL;
    }
    free(name);
    return t;
}

static bool is_tied(const struct gguf_model *m)
{
    char *name = tensor_name(m, DECODER_HEAD, 0);
    bool tied = !gguf_has_tensor(m->g, name);

    free(name);
    return tied;
}

static bool wanted(const struct gguf_model *m, enum decoder_matrix what, int layer)
{
    return decoder_has(&m->c, what) && (!layer || decoder_by_layer(what))
           && !(what == DECODER_HEAD && m->tied);
}

/* The one tensor that is no matrix of the model, where it is there and has a place. */
static bool is_freqs(const struct gguf_model *m, const char *name)
{
    return m->c.positions == DECODER_ROTARY && !strcmp(name, "rope_freqs.weight")
           && gguf_has_tensor(m->g, name);
}

static int refuse_others(const struct gguf_model *m, struct error *e)
{
    for (size_t i = 0; i < gguf_tensors(m->g); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(m->g, i);
        bool known = is_freqs(m, t->name);

        for (int k = 0; k < m->c.layers * DECODER_MATRICES; k++)
            known |= m->tensor[k] == t;
        if (!known)
            return fail(e, "%s: tensor '%s' has no place in a model ('%s') of %d layers",
                        gguf_path(m->g), t->name,
                        decoder_architecture_name(m->c.architecture), m->c.layers);
    }
    return 0;
}

static int find_tensors(struct gguf_model *m, struct error *e)
{
    size_t used = is_freqs(m, "rope_freqs.weight");

    m->tied = is_tied(m);
    m->tensor = mem_new((size_t)m->c.layers * DECODER_MATRICES, sizeof *m->tensor);
    for (int l = 0; l < m->c.layers; l++)
        for (int w = 0; w < DECODER_MATRICES; w++) {
            if (!wanted(m, w, l))
                continue;
            m->tensor[l * DECODER_MATRICES + w] = find(m, w, l, e);
            if (!m->tensor[l * DECODER_MATRICES + w])
                return -1;
            used++;
        }
    return used == gguf_tensors(m->g) ? 0 : refuse_others(m, e);
}

/* Llama 3's long contexts: each frequency has its own divisor, "rope_freqs.weight". */
static int read_freqs(struct gguf_model *m, struct error *e)
{
    const struct gguf_tensor *t;
    float *f;
    int half = m->c.head_dim / 2, wrong = -1;

    t = gguf_tensor(m->g, "rope_freqs.weight", e);
    if (!t)
        return -1;
    if (t->rows != 1 || t->shape[0] != (size_t)half)
        return fail(e, "%s: 'rope_freqs.weight' is %zu x %zu: expected 1 x %d",
                    gguf_path(m->g), t->rows, t->shape[0], half);
    f = mem_new((size_t)half, sizeof *f);
    gguf_row_floats(t, 0, 1, f);
    for (int i = 0; i < half; i++) {
        m->factors[i] *= (double)f[i];
        if (!(f[i] > 0) || !isfinite(f[i]))
            wrong = i;
    }
    free(f);
    if (wrong >= 0)
        return fail(e, "%s: 'rope_freqs.weight'[%d] is %g: expected more than 0",
                    gguf_path(m->g), wrong, m->factors[wrong]);
    return 0;
}

/* What divides the frequencies: one number for all, a number for each, or both. */
static int read_factors(struct gguf_model *m, struct error *e)
{
    bool each = gguf_has_tensor(m->g, "rope_freqs.weight");
    int half = m->c.head_dim / 2;
    double all;

    if (m->c.positions != DECODER_ROTARY)
        return 0;
    if (decoder_rope_factor_gguf(&m->c, m->g, &all, e))
        return -1;
    if (all == 1 && !each)
        return 0;
    m->factors = mem_new((size_t)half, sizeof *m->factors);
    for (int i = 0; i < half; i++)
        m->factors[i] = all;
    return each ? read_freqs(m, e) : 0;
}

static const struct gguf_tensor *tensor_of(const struct gguf_model *m,
                                           enum decoder_matrix what, int layer)
{
    return m->tensor[layer * DECODER_MATRICES + (int)what];
}

/* Are rows of Q and K in llama.cpp's order? */
static bool is_paired(const struct gguf_model *m, enum decoder_matrix what)
{
    return m->c.positions == DECODER_ROTARY && (what == DECODER_Q || what == DECODER_K);
}

static void gguf_model_row(real *row, enum decoder_matrix what, int layer, int index,
                           void *data)
{
    const struct gguf_model *m = data;
    const struct gguf_tensor *t = tensor_of(m, what, layer);
    size_t from = is_paired(m, what) ? (size_t)decoder_pair_row(index, m->c.head_dim)
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

static struct stored_part gguf_model_stored(enum decoder_matrix what, int layer,
                                            void *data)
{
    const struct gguf_model *m = data;
    const struct gguf_tensor *t = tensor_of(m, what, layer);

    return (struct stored_part){ dequant_find(t->type), t->data, t->row_bytes,
                                 (int)t->rows, is_paired(m, what) ? m->c.head_dim : 0 };
}

static void close_model(void *data)
{
    struct gguf_model *m = data;

    free(m->tensor);
    free(m->factors);
    gguf_close(m->g);
    free(m);
}

int decoder_file_open_gguf(struct decoder_file *f, const char *path, struct error *e)
{
    struct gguf_model *m = mem_new(1, sizeof *m);
    bool random = false;

    m->g = gguf_open(path, e);
    if (!m->g || decoder_config_gguf(&m->c, m->g, e) || read_factors(m, e)
        || find_tensors(m, e)
        || (gguf_has(m->g, DECODER_RANDOM_KEY)
            && gguf_bool(m->g, DECODER_RANDOM_KEY, &random, e))) {
        close_model(m);
        return -1;
    }
    *f = (struct decoder_file){
        m->c, { gguf_model_row, gguf_model_stored, m, m->tied, m->factors, close_model },
        random
    };
    return 0;
}
