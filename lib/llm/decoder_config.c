#include "llm/decoder_config.h"
#include "llm/decoder_parts.h"

void decoder_config_kinds(struct decoder_config *c)
{
    bool opt = c->architecture == DECODER_OPT;

    c->norm = opt ? DECODER_LAYERNORM : DECODER_RMSNORM;
    c->positions = opt ? DECODER_LEARNED : DECODER_ROTARY;
    c->ff_kind = opt ? DECODER_RELU : DECODER_SWIGLU;
}

int decoder_config_check(const struct decoder_config *c, const char *path,
                         struct error *e)
{
    if (c->kv_heads > c->heads || c->heads % c->kv_heads)
        return fail(e, "%s: %d heads cannot share %d key-value heads", path, c->heads,
                    c->kv_heads);
    if (c->architecture == DECODER_OPT && c->heads * c->head_dim != c->width)
        return fail(e, "%s: a width of %d cannot be shared by %d heads", path, c->width,
                    c->heads);
    if (!(c->norm_eps > 0 && c->norm_eps < 1))
        return fail(e, "%s: norm epsilon is %g: expected a small positive number", path,
                    c->norm_eps);
    if (c->positions != DECODER_ROTARY)
        return 0;
    if (c->head_dim % 2)
        return fail(e, "%s: heads of %d numbers: expected an even number", path,
                    c->head_dim);
    if (!(c->rope_theta >= 1 && c->rope_theta < 1e12))
        return fail(e, "%s: rotation base is %g: expected 1 to 1e12", path,
                    c->rope_theta);
    return 0;
}

bool decoder_has(const struct decoder_config *c, enum decoder_matrix what)
{
    switch (what) {
    case DECODER_FINAL_NORM:
        return !c->no_final_norm;
    case DECODER_FINAL_NORM_BIAS:
        return !c->no_final_norm && c->norm == DECODER_LAYERNORM;
    case DECODER_ATTENTION_NORM_BIAS:
    case DECODER_FF_NORM_BIAS:
        return c->norm == DECODER_LAYERNORM;
    case DECODER_POSITION:
        return c->positions == DECODER_LEARNED;
    case DECODER_PROJECT_IN:
    case DECODER_PROJECT_OUT:
        return decoder_projects(c);
    case DECODER_GATE:
        return c->ff_kind == DECODER_SWIGLU;
    case DECODER_Q_BIAS:
    case DECODER_K_BIAS:
    case DECODER_V_BIAS:
    case DECODER_O_BIAS:
    case DECODER_UP_BIAS:
    case DECODER_DOWN_BIAS:
        return c->biases;
    default:
        return true;
    }
}

void decoder_shape(const struct decoder_config *c, enum decoder_matrix what, int *rows,
                   int *columns)
{
    int q = c->heads * c->head_dim, kv = c->kv_heads * c->head_dim;
    const struct {
        int rows, columns;
    } shape[DECODER_MATRICES] = {
        [DECODER_EMBED] = { c->vocab, c->embed_width },
        [DECODER_HEAD] = { c->vocab, c->embed_width },
        [DECODER_FINAL_NORM] = { 1, c->width },
        [DECODER_FINAL_NORM_BIAS] = { 1, c->width },
        [DECODER_POSITION] = { c->context + DECODER_POSITION_OFFSET, c->width },
        [DECODER_PROJECT_IN] = { c->width, c->embed_width },
        [DECODER_PROJECT_OUT] = { c->embed_width, c->width },
        [DECODER_ATTENTION_NORM] = { 1, c->width },
        [DECODER_ATTENTION_NORM_BIAS] = { 1, c->width },
        [DECODER_FF_NORM] = { 1, c->width },
        [DECODER_FF_NORM_BIAS] = { 1, c->width },
        [DECODER_Q] = { q, c->width },
        [DECODER_Q_BIAS] = { 1, q },
        [DECODER_K] = { kv, c->width },
        [DECODER_K_BIAS] = { 1, kv },
        [DECODER_V] = { kv, c->width },
        [DECODER_V_BIAS] = { 1, kv },
        [DECODER_O] = { c->width, q },
        [DECODER_O_BIAS] = { 1, c->width },
        [DECODER_GATE] = { c->ff, c->width },
        [DECODER_UP] = { c->ff, c->width },
        [DECODER_UP_BIAS] = { 1, c->ff },
        [DECODER_DOWN] = { c->width, c->ff },
        [DECODER_DOWN_BIAS] = { 1, c->width },
    };

    *rows = shape[what].rows;
    *columns = shape[what].columns;
}

bool decoder_is_vector(enum decoder_matrix what)
{
    switch (what) {
    case DECODER_FINAL_NORM:
    case DECODER_FINAL_NORM_BIAS:
    case DECODER_ATTENTION_NORM:
    case DECODER_ATTENTION_NORM_BIAS:
    case DECODER_FF_NORM:
    case DECODER_FF_NORM_BIAS:
    case DECODER_Q_BIAS:
    case DECODER_K_BIAS:
    case DECODER_V_BIAS:
    case DECODER_O_BIAS:
    case DECODER_UP_BIAS:
    case DECODER_DOWN_BIAS:
        return true;
    default:
        return false;
    }
}

bool decoder_by_layer(enum decoder_matrix what)
{
    return what >= DECODER_ATTENTION_NORM;
}

int decoder_pair_row(int r, int head_dim)
{
    int half = head_dim / 2, in = r % head_dim;

    return r - in + 2 * (in % half) + in / half;
}

int decoder_unpair_row(int r, int head_dim)
{
    int half = head_dim / 2, in = r % head_dim;

    return r - in + in / 2 + in % 2 * half;
}
