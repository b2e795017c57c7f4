/* A layer's elementwise parts: norms, activations, factors. */
#include "llm/decoder_parts.h"
#include "nn/activation.h"
#include "nn/gated.h"
#include "nn/layernorm.h"
#include "nn/rmsnorm.h"
#include "nn/swiglu.h"

#include <string.h>

void decoder_norm_forward(real *y, const struct decoder_stats *stats, const real *x,
                          const struct decoder_norm *norm, const struct decoder_config *c,
                          int n)
{
    if (c->norm == DECODER_RMSNORM)
        rmsnorm_forward(y, stats->rstd, x, norm->w, n, c->width, c->norm_eps);
    else
        layernorm_forward(y, stats->mean, stats->rstd, x, norm->w, norm->b, n, c->width,
                          (real)c->norm_eps);
}

void decoder_norm_backward(real *dx, const real *dy, const real *x,
                           const struct decoder_stats *stats,
                           const struct decoder_norm *norm,
                           const struct decoder_config *c, int n)
{
    if (c->norm == DECODER_RMSNORM)
        rmsnorm_backward(dx, dy, x, stats->rstd, norm->w, n, c->width);
    else
        layernorm_backward(dx, NULL, NULL, dy, x, norm->w, stats->mean, stats->rstd, n,
                           c->width);
}

/* A row's queries or keys: one norm for each head, or one for all. */
static int norms_of(const struct decoder_config *c, int heads, int *dim)
{
    bool all = c->qk_norm == DECODER_QK_NORM_ALL;

    *dim = all ? heads * c->head_dim : c->head_dim;
    return all ? 1 : heads;
}

void decoder_qk_norm(real *qkv, real *rstd, const struct decoder_layer *layer,
                     const struct decoder_config *c, int n)
{
    int q_dim, k_dim;
    int q = norms_of(c, c->heads, &q_dim), k = norms_of(c, c->kv_heads, &k_dim);

    for (int r = 0; r < n;
         r++, qkv += decoder_qkv_width(c), rstd += c->heads + c->kv_heads) {
        real *keys = qkv + c->heads * c->head_dim;

        rmsnorm_forward(qkv, rstd, qkv, layer->q_norm, q, q_dim, c->norm_eps);
        rmsnorm_forward(keys, rstd + q, keys, layer->k_norm, k, k_dim, c->norm_eps);
    }
}

void decoder_qk_norm_backward(real *dx, const real *dy, const real *raw, const real *rstd,
                              const struct decoder_layer *layer,
                              const struct decoder_config *c)
{
    int q_dim, k_dim, keys = c->heads * c->head_dim;
    int q = norms_of(c, c->heads, &q_dim), k = norms_of(c, c->kv_heads, &k_dim);

    rmsnorm_backward(dx, dy, raw, rstd, layer->q_norm, q, q_dim);
    rmsnorm_backward(dx + keys, dy + keys, raw + keys, rstd + q, layer->k_norm, k, k_dim);
}

void decoder_scale(real *x, double factor, size_t n)
{
    real f = (real)factor;

    if (f == 0 || f == 1)
        return;
    for (size_t i = 0; i < n; i++)
        x[i] *= f;
}

void decoder_activate(real *product, const real *gate_up, int q,
                      const struct decoder_config *c)
{
    long n = (long)q * c->ff;

    switch (c->ff_kind) {
    case DECODER_SWIGLU: swiglu_forward(product, gate_up, q, c->ff); break;
    case DECODER_RELU: relu_forward(product, gate_up, n); break;
    case DECODER_GELU_TANH_GLU: gelu_tanh_glu_forward(product, gate_up, q, c->ff); break;
    case DECODER_GELU: gelu_forward(product, gate_up, n); break;
    case DECODER_GELU_TANH: gelu_tanh_forward(product, gate_up, n); break;
    }
}

/* x becomes dy act'(x). */
static void plain_backward(real *x, const real *dy, long n, enum decoder_ff_kind kind)
{
    for (long i = 0; i < n; i++) {
        real dx = 0;

        if (kind == DECODER_GELU)
            gelu_backward(&dx, dy + i, x + i, 1);
        else if (kind == DECODER_GELU_TANH)
            dx = dy[i] * gelu_tanh_slope(x[i]);
        else
            dx = x[i] > 0 ? dy[i] : 0;
        x[i] = dx;
    }
}

void decoder_activate_backward(real *gate_up, const real *dproduct, int q,
                               const struct decoder_config *c)
{
    if (c->ff_kind == DECODER_SWIGLU)
        swiglu_backward(gate_up, dproduct, q, c->ff);
    else if (c->ff_kind == DECODER_GELU_TANH_GLU)
        gelu_tanh_glu_backward(gate_up, dproduct, q, c->ff);
    else
        plain_backward(gate_up, dproduct, (long)q * c->ff, c->ff_kind);
}
