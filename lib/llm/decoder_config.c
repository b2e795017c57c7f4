#include "llm/decoder_config.h"
#include "llm/decoder_parts.h"

void decoder_make_local(struct decoder_config *c, int every)
{
    for (int l = 0; l < c->layers; l++)
        if (!every || (l + 1) % every)
            c->layer_does[l] |= DECODER_LOCAL;
}

int decoder_config_check(const struct decoder_config *c, const char *path,
                         struct error *e)
{
    if (c->kv_heads > c->heads || c->heads % c->kv_heads)
        return fail(e, "%s: %d heads cannot share %d key-value heads", path, c->heads,
                    c->kv_heads);
    if (c->positions == DECODER_LEARNED && c->heads * c->head_dim != c->width)
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
    if (c->rotated % 2 || c->rotated < 0 || c->rotated > c->head_dim)
        return fail(e,
                    "%s: %d of a head's %d numbers are rotated: expected an even number",
                    path, c->rotated, c->head_dim);
    if (c->rope_theta_local != 0
        && !(c->rope_theta_local >= 1 && c->rope_theta_local < 1e12))
        return fail(e, "%s: rotation base of local layers is %g: expected 1 to 1e12",
                    path, c->rope_theta_local);
    if (!(c->rope_theta >= 1 && c->rope_theta < 1e12))
        return fail(e, "%s: rotation base is %g: expected 1 to 1e12", path,
                    c->rope_theta);
    return 0;
}

bool decoder_has(const struct decoder_config *c, enum decoder_matrix what)
{
    bool before = c->layer_kind != DECODER_NORM_RESULT;
    bool layernorm = c->norm == DECODER_LAYERNORM;

    switch (what) {
    case DECODER_FINAL_NORM:
        return !c->no_final_norm;
    case DECODER_FINAL_NORM_BIAS:
        return !c->no_final_norm && layernorm;
    case DECODER_ATTENTION_NORM:
    case DECODER_FF_NORM:
        return before;
    case DECODER_ATTENTION_NORM_BIAS:
    case DECODER_FF_NORM_BIAS:
        return before && layernorm;
    case DECODER_ATTENTION_POST_NORM:
    case DECODER_FF_POST_NORM:
        return decoder_norms_results(c);
    case DECODER_Q_NORM:
    case DECODER_K_NORM:
        return c->qk_norm != DECODER_QK_PLAIN;
    case DECODER_POSITION:
        return c->positions == DECODER_LEARNED;
    case DECODER_PROJECT_IN:
    case DECODER_PROJECT_OUT:
        return decoder_projects(c);
    case DECODER_GATE:
        return decoder_is_gated(c);
    case DECODER_Q_BIAS:
    case DECODER_K_BIAS:
    case DECODER_V_BIAS:
        return c->biases & DECODER_QKV_BIAS;
    case DECODER_O_BIAS:
        return c->biases & DECODER_OUT_BIAS;
    case DECODER_UP_BIAS:
    case DECODER_DOWN_BIAS:
        return c->biases & DECODER_FF_BIAS;
    default:
        return true;
    }
}

void decoder_shape(const struct decoder_config *c, enum decoder_matrix what, int *rows,
                   int *columns)
{
    int q = c->heads * c->head_dim, kv = c->kv_heads * c->head_dim;
    bool each = c->qk_norm == DECODER_QK_NORM_HEAD;
    const struct {
        int rows, columns;
    } shape[DECODER_MATRICES] = {
        [DECODER_EMBED] = { c->vocab, c->embed_width },
        [DECODER_HEAD] = { c->vocab, c->embed_width },
        [DECODER_FINAL_NORM] = { 1, c->width },
        [DECODER_FINAL_NORM_BIAS] = { 1, c->width },
        [DECODER_POSITION] = { c->context + c->position_offset, c->width },
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
        [DECODER_ATTENTION_POST_NORM] = { 1, c->width },
        [DECODER_FF_POST_NORM] = { 1, c->width },
        [DECODER_Q_NORM] = { 1, each ? c->head_dim : q },
        [DECODER_K_NORM] = { 1, each ? c->head_dim : kv },
    };

    *rows = shape[what].rows;
    *columns = shape[what].columns;
}

bool decoder_is_norm(enum decoder_matrix what)
{
    switch (what) {
    case DECODER_FINAL_NORM:
    case DECODER_ATTENTION_NORM:
    case DECODER_FF_NORM:
    case DECODER_ATTENTION_POST_NORM:
    case DECODER_FF_POST_NORM:
    case DECODER_Q_NORM:
    case DECODER_K_NORM:
        return true;
    default:
        return false;
    }
}

bool decoder_is_vector(enum decoder_matrix what)
{
    switch (what) {
    case DECODER_FINAL_NORM_BIAS:
    case DECODER_ATTENTION_NORM_BIAS:
    case DECODER_FF_NORM_BIAS:
    case DECODER_Q_BIAS:
    case DECODER_K_BIAS:
    case DECODER_V_BIAS:
    case DECODER_O_BIAS:
    case DECODER_UP_BIAS:
    case DECODER_DOWN_BIAS:
        return true;
    default:
        return decoder_is_norm(what);
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
