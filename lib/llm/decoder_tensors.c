#include "llm/decoder_tensors.h"

#include "llm/decoder_architecture.h"
#include "llm/decoder_config.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

bool decoder_tensors_hold(const struct decoder_tensors *t, enum decoder_matrix what,
                          int layer)
{
    char *name = decoder_name(t->names, t->prefix, what, layer);
    bool found = name && t->format->has(t->file, name);

    free(name);
    return found;
}

/* The first prefix with which the token table is there, or the first of all. */
static void choose_prefix(struct decoder_tensors *t)
{
    for (int i = 0; t->names->prefix[i]; i++) {
        t->prefix = t->names->prefix[i];
        if (decoder_tensors_hold(t, DECODER_EMBED, 0))
            return;
    }
    t->prefix = t->names->prefix[0];
}

static bool is_wanted(const struct decoder_tensors *t, enum decoder_matrix what,
                      int layer)
{
    return decoder_has(&t->c, what) && (!layer || decoder_by_layer(what))
           && !(what == DECODER_HEAD && t->tied);
}

static bool is_transposed(const struct decoder_tensors *t, enum decoder_matrix what)
{
    return t->files & DECODER_TRANSPOSED && decoder_by_layer(what)
           && !decoder_is_vector(what);
}

static int find(struct decoder_tensors *t, enum decoder_matrix what, int layer,
                struct error *e)
{
    struct decoder_place *p = &t->place[layer * DECODER_MATRICES + (int)what];
    enum decoder_matrix first = decoder_names_first(t->names, what);
    int rows, columns, all = decoder_names_rows(t->names, &t->c, first, DECODER_MATRICES);
    char *name = decoder_name(t->names, t->prefix, what, layer);
    bool vector = decoder_is_vector(what), turned = is_transposed(t, what);

    decoder_shape(&t->c, what, &rows, &columns);
    p->rows = vector ? 1 : turned ? columns : all;
    p->columns = vector || turned ? all : columns;
    p->first = decoder_names_rows(t->names, &t->c, first, what);
    p->part = ((int)what - (int)first) / 2; /* Q, K and V alternate with their biases */
    p->tensor = t->format->find(t->file, name, p->rows, p->columns, vector, e);
    free(name);
    return p->tensor ? 0 : -1;
}

int decoder_tensors_find(struct decoder_tensors *t, struct error *e)
{
    choose_prefix(t);
    t->place = mem_new((size_t)t->c.layers * DECODER_MATRICES, sizeof *t->place);
    for (int l = 0; l < t->c.layers; l++)
        for (int w = 0; w < DECODER_MATRICES; w++)
            if (is_wanted(t, (enum decoder_matrix)w, l)
                && find(t, (enum decoder_matrix)w, l, e) < 0)
                return -1;
    return 0;
}

static bool is_qkv(enum decoder_matrix what)
{
    return what >= DECODER_Q && what <= DECODER_V_BIAS;
}

/* Are rows in llama.cpp's order of Q and K? */
static bool is_paired(const struct decoder_tensors *t, enum decoder_matrix what)
{
    return t->files & DECODER_PAIRS && what >= DECODER_Q && what <= DECODER_K_BIAS;
}

/* The tensor's row, or number of a vector, that is row `index` of the matrix. */
static int row_in_file(const struct decoder_tensors *t, const struct decoder_place *p,
                       enum decoder_matrix what, int index)
{
    int dim = t->c.head_dim;

    if (is_paired(t, what))
        return p->first + decoder_pair_row(index, dim);
    if (t->files & DECODER_BY_HEAD && is_qkv(what))
        return (3 * (index / dim) + p->part) * dim + index % dim;
    return p->first + index;
}

static void read_vector(float *row, const struct decoder_tensors *t,
                        const struct decoder_place *p, enum decoder_matrix what, int n)
{
    float *all = mem_new((size_t)p->columns, sizeof *all);

    t->format->read(all, p->tensor, 0, (size_t)p->columns);
    for (int j = 0; j < n; j++)
        row[j] = all[row_in_file(t, p, what, j)];
    free(all);
    if (t->files & DECODER_NORMS_FROM_ONE && decoder_is_norm(what))
        for (int j = 0; j < n; j++)
            row[j] += 1;
}

static void read_floats(float *row, const struct decoder_tensors *t,
                        enum decoder_matrix what, int layer, int index, int columns)
{
    const struct decoder_place *p = &t->place[layer * DECODER_MATRICES + (int)what];
    size_t n = (size_t)columns, at;

    if (decoder_is_vector(what)) {
        read_vector(row, t, p, what, columns);
        return;
    }
    at = (size_t)row_in_file(t, p, what, index);
    if (!is_transposed(t, what)) {
        t->format->read(row, p->tensor, at * n, n);
        return;
    }
    for (size_t j = 0; j < n; j++)
        t->format->read(row + j, p->tensor, j * (size_t)p->columns + at, 1);
}

static void source_row(real *row, enum decoder_matrix what, int layer, int index,
                       void *data)
{
    const struct decoder_tensors *t = data;
    int rows, columns;

    decoder_shape(&t->c, what, &rows, &columns);
#ifdef REAL_IS_DOUBLE
    float *floats = mem_new((size_t)columns, sizeof *floats);

    read_floats(floats, t, what, layer, index, columns);
    for (int j = 0; j < columns; j++)
        row[j] = (real)floats[j];
    free(floats);
#else
    read_floats(row, t, what, layer, index, columns);
#endif
}

static struct stored_part source_stored(enum decoder_matrix what, int layer, void *data)
{
    const struct decoder_tensors *t = data;
    const struct decoder_place *p = &t->place[layer * DECODER_MATRICES + (int)what];
    struct stored_part part = t->format->stored(p->tensor);
    int rows, columns;

    decoder_shape(&t->c, what, &rows, &columns);
    if (!decoder_is_vector(what)) {
        part.data += (size_t)p->first * part.row_bytes;
        part.rows = rows;
    }
    part.pairs = is_paired(t, what) ? t->c.head_dim : 0;
    return part;
}

/* Can products use the matrices as they lie in the file? */
static bool all_stored(const struct decoder_tensors *t)
{
    if (t->files & (DECODER_BY_HEAD | DECODER_TRANSPOSED))
        return false;
    for (int i = 0; i < t->c.layers * DECODER_MATRICES; i++)
        if (t->place[i].tensor && !t->format->stored(t->place[i].tensor).type)
            return false;
    return true;
}

struct decoder_source decoder_tensors_source(struct decoder_tensors *t)
{
    return (struct decoder_source){
        source_row, all_stored(t) ? source_stored : NULL, t, t->tied, t->factors,
        decoder_tensors_close
    };
}

void decoder_tensors_close(void *data)
{
    struct decoder_tensors *t = data;

    t->format->close(t->file);
    free(t->place);
    free(t->factors);
    free(t);
}
