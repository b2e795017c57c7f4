#include "formats/dequant.h"
#include "formats/hf_folder.h"
#include "llm/decoder_config.h"
#include "llm/decoder_load.h"
#include "llm/decoder_names.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

struct hf_model {
    hf_folder *folder;
    struct decoder_config c;
    const struct safetensor **tensor; /* layer * DECODER_MATRICES + what */
    double *factors;                  /* NULL: none */
    const char *prefix;               /* "model." or "" */
    bool tied;
};

static char *tensor_name(const struct hf_model *m, enum decoder_matrix what, int layer)
{
    return decoder_hf_name(m->c.architecture, m->prefix, what, layer);
}

/* A matrix of the right shape and a type that safetensors_read knows. */
static const struct safetensor *find(struct hf_model *m, enum decoder_matrix what,
                                     int layer, struct error *e)
{
    char *name = tensor_name(m, what, layer);
    const struct safetensor *t;
    int rows, columns;
    int64_t dim[2];
    bool vector = decoder_is_vector(what);

    decoder_shape(&m->c, what, &rows, &columns);
    dim[0] = vector ? columns : rows;
    dim[1] = columns;
    t = hf_tensor(m->folder, name, vector ? 1 : 2, dim, e);
    if (t && t->type != ST_F64 && t->type != ST_F32 && t->type != ST_F16
        && t->type != ST_BF16) {
        fail(e, "%s: '%s' is %s: expected floating-point numbers", hf_path(m->folder),
             name, safetensors_type_name(t->type));
        t = NULL;
    }
    free(name);
    return t;
}

static bool holds(const struct hf_model *m, enum decoder_matrix what, int layer)
{
    char *name = tensor_name(m, what, layer);
    bool found = name && hf_find(m->folder, name);

    free(name);
    return found;
}

/* What the weights have beyond the config would be left out silently. */
static int refuse_others(const struct hf_model *m, struct error *e)
{
    const struct decoder_config *c = &m->c;

    if (holds(m, DECODER_Q, c->layers))
        return fail(e, "%s: has more layers than config.json's %d", hf_path(m->folder),
                    c->layers);
    for (int w = 0; w < DECODER_MATRICES; w++) {
        char *name = tensor_name(m, w, 0);
        bool other = name && hf_find(m->folder, name) && !decoder_has(c, w);

        if (other)
            fail(e, "%s: '%s' has no place in the %s of config.json", hf_path(m->folder),
                 name, decoder_architecture_name(c->architecture));
        free(name);
        if (other)
            return -1;
    }
    return 0;
}

static bool wanted(const struct hf_model *m, enum decoder_matrix what, int layer)
{
    return decoder_has(&m->c, what) && (!layer || decoder_by_layer(what))
           && !(what == DECODER_HEAD && m->tied);
}

static int find_tensors(struct hf_model *m, struct error *e)
{
    m->prefix = "";
    m->prefix = holds(m, DECODER_EMBED, 0) ? "" : "model.";
    m->tied = m->tied || !holds(m, DECODER_HEAD, 0);
    m->tensor = mem_new((size_t)m->c.layers * DECODER_MATRICES, sizeof *m->tensor);
    for (int l = 0; l < m->c.layers; l++)
        for (int w = 0; w < DECODER_MATRICES; w++) {
            if (!wanted(m, w, l))
                continue;
            m->tensor[l * DECODER_MATRICES + w] = find(m, w, l, e);
            if (!m->tensor[l * DECODER_MATRICES + w])
                return -1;
        }
    return refuse_others(m, e);
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

/* F64 is not a type that products know: its rows are expanded. */
static bool all_known(const struct hf_model *m)
{
    for (int i = 0; i < m->c.layers * DECODER_MATRICES; i++)
        if (m->tensor[i] && m->tensor[i]->type == ST_F64)
            return false;
    return true;
}

static struct stored_part hf_model_stored(enum decoder_matrix what, int layer, void *data)
{
    const struct hf_model *m = data;
    const struct safetensor *t = m->tensor[layer * DECODER_MATRICES + (int)what];
    const struct quant *q = dequant_find(t->type == ST_F32   ? QUANT_F32
                                         : t->type == ST_F16 ? QUANT_F16
                                                           : QUANT_BF16);
    int64_t columns = t->dim[t->ndim - 1];

    return (struct stored_part){ q, t->data, (size_t)columns * q->bytes,
                                 (int)(t->count / columns), 0 };
}

static void close_model(void *data)
{
    struct hf_model *m = data;

    free(m->tensor);
    free(m->factors);
    hf_close(m->folder);
    free(m);
}

int decoder_file_open_hf(struct decoder_file *f, const char *path, struct error *e)
{
    struct hf_model *m = mem_new(1, sizeof *m);

    m->folder = hf_open(path, e);
    if (!m->folder
        || decoder_config_hf(&m->c, &m->factors, &m->tied, hf_config(m->folder), e)
        || find_tensors(m, e)) {
        close_model(m);
        return -1;
    }
    *f = (struct decoder_file){
        m->c, { hf_model_row, all_known(m) ? hf_model_stored : NULL, m, m->tied,
                m->factors, close_model }, false
    };
    return 0;
}
