#include "llm/decoder_load.h"

#include "llm/decoder_architecture.h"
#include "llm/decoder_parts.h"
#include "util/file.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>

int decoder_file_open(struct decoder_file *f, const char *path, struct error *e)
{
    *f = (struct decoder_file){ 0 };
    return file_is_folder(path) ? decoder_file_open_hf(f, path, e)
                                : decoder_file_open_gguf(f, path, e);
}

void decoder_file_close(struct decoder_file *f)
{
    if (f->source.close)
        f->source.close(f->source.data);
    *f = (struct decoder_file){ 0 };
}

/* Rows on their way into memory, looked at as they pass. */
struct checked {
    struct decoder_source of;
    const struct decoder_config *c;
    int what, layer; /* of one that is not finite; -1: none */
};

static void checked_row(real *row, enum decoder_matrix what, int layer, int index,
                        void *data)
{
    struct checked *k = data;
    int rows, columns;
    bool bad = false;

    k->of.row(row, what, layer, index, k->of.data);
    decoder_shape(k->c, what, &rows, &columns);
    for (int j = 0; j < columns; j++)
        bad |= !isfinite(row[j]);
    if (!bad)
        return;
#pragma omp critical(decoder_checked_row)
    if (k->what < 0 || layer < k->layer || (layer == k->layer && (int)what < k->what)) {
        k->what = (int)what;
        k->layer = layer;
    }
}

static struct decoder *make_checked(const struct decoder_file *f, const char *path,
                                    enum frozen_precision precision, struct error *e)
{
    struct checked k = { f->source, &f->c, -1, 0 };
    struct decoder_source source = f->source;
    struct decoder *m;
    char *name;

    source.row = checked_row;
    source.data = &k;
    m = decoder_make(&f->c, &source, precision);
    if (k.what < 0)
        return m;
    name = decoder_name(decoder_architecture_of(&f->c)->gguf_names, "",
                        (enum decoder_matrix)k.what, k.layer);
    fail(e, "%s: tensor '%s' (by its name in GGUF) holds a number that is not finite",
         path, name);
    free(name);
    decoder_free(m);
    return NULL;
}

static struct decoder *make(struct decoder_file *f, const char *path,
                            enum frozen_precision precision, struct error *e)
{
    struct decoder *m;

    if (frozen_is_stored(precision)) {
        m = decoder_make(&f->c, &f->source, precision);
        m->source = f->source;
        return m;
    }
    m = make_checked(f, path, precision, e);
    decoder_file_close(f);
    return m;
}

struct decoder *decoder_load(const char *path, enum frozen_precision precision,
                             struct error *e)
{
    struct decoder_file f;

    return decoder_file_open(&f, path, e) < 0 ? NULL : make(&f, path, precision, e);
}

struct decoder *decoder_load_body(const char *folder, enum frozen_precision precision,
                                  struct error *e)
{
    struct decoder_file f = { 0 };

    return decoder_file_open_body(&f, folder, e) < 0 ? NULL
                                                     : make(&f, folder, precision, e);
}
