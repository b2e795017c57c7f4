#include "models/decoder_load.h"

#include "util/file.h"

struct decoder *decoder_load(const char *path, enum frozen_precision precision,
                         struct error *e)
{
    return file_is_folder(path) ? decoder_load_hf(path, precision, e)
                                : decoder_load_gguf(path, precision, e);
}

int decoder_config_check(const struct decoder_config *c, const char *path, struct error *e)
{
    if (c->kv_heads > c->heads || c->heads % c->kv_heads)
        return fail(e, "%s: %d heads cannot share %d key-value heads", path, c->heads,
                    c->kv_heads);
    if (c->head_dim % 2)
        return fail(e, "%s: heads of %d numbers: expected an even number", path,
                    c->head_dim);
    if (!(c->norm_eps > 0 && c->norm_eps < 1))
        return fail(e, "%s: norm epsilon is %g: expected a small positive number", path,
                    c->norm_eps);
    if (!(c->rope_theta >= 1 && c->rope_theta < 1e12))
        return fail(e, "%s: rotation base is %g: expected 1 to 1e12", path,
                    c->rope_theta);
    return 0;
}

void decoder_shape(const struct decoder_config *c, enum decoder_matrix what, int *rows,
                 int *columns)
{
    int q = c->heads * c->head_dim, kv = c->kv_heads * c->head_dim;
    const struct {
        int rows, columns;
    } shape[DECODER_MATRICES] = {
        [DECODER_EMBED] = { c->vocab, c->width },
        [DECODER_HEAD] = { c->vocab, c->width },
        [DECODER_FINAL_NORM] = { 1, c->width },
        [DECODER_ATTENTION_NORM] = { 1, c->width },
        [DECODER_FF_NORM] = { 1, c->width },
        [DECODER_Q] = { q, c->width },
        [DECODER_K] = { kv, c->width },
        [DECODER_V] = { kv, c->width },
        [DECODER_O] = { c->width, q },
        [DECODER_GATE] = { c->ff, c->width },
        [DECODER_UP] = { c->ff, c->width },
        [DECODER_DOWN] = { c->width, c->ff },
    };

    *rows = shape[what].rows;
    *columns = shape[what].columns;
}

bool decoder_by_layer(enum decoder_matrix what)
{
    return what != DECODER_EMBED && what != DECODER_HEAD && what != DECODER_FINAL_NORM;
}
