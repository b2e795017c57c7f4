#include "models/llama_load.h"

#include "util/file.h"

struct llama *llama_load(const char *path, enum frozen_precision precision,
                         struct error *e)
{
    return file_is_folder(path) ? llama_load_hf(path, precision, e)
                                : llama_load_gguf(path, precision, e);
}

int llama_config_check(const struct llama_config *c, const char *path, struct error *e)
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

void llama_shape(const struct llama_config *c, enum llama_matrix what, int *rows,
                 int *columns)
{
    int q = c->heads * c->head_dim, kv = c->kv_heads * c->head_dim;
    const struct {
        int rows, columns;
    } shape[LLAMA_MATRICES] = {
        [LLAMA_EMBED] = { c->vocab, c->width },
        [LLAMA_HEAD] = { c->vocab, c->width },
        [LLAMA_FINAL_NORM] = { 1, c->width },
        [LLAMA_ATTENTION_NORM] = { 1, c->width },
        [LLAMA_FF_NORM] = { 1, c->width },
        [LLAMA_Q] = { q, c->width },
        [LLAMA_K] = { kv, c->width },
        [LLAMA_V] = { kv, c->width },
        [LLAMA_O] = { c->width, q },
        [LLAMA_GATE] = { c->ff, c->width },
        [LLAMA_UP] = { c->ff, c->width },
        [LLAMA_DOWN] = { c->width, c->ff },
    };

    *rows = shape[what].rows;
    *columns = shape[what].columns;
}

bool llama_by_layer(enum llama_matrix what)
{
    return what != LLAMA_EMBED && what != LLAMA_HEAD && what != LLAMA_FINAL_NORM;
}
