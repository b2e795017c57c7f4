#include "llm/decoder_parts.h"
#include "nn/activation.h"
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
                           const struct decoder_norm *norm, const struct decoder_config *c,
                           int n)
{
    if (c->norm == DECODER_RMSNORM)
        rmsnorm_backward(dx, dy, x, stats->rstd, norm->w, n, c->width);
    else
        layernorm_backward(dx, NULL, NULL, dy, x, norm->w, stats->mean, stats->rstd, n,
                           c->width);
}

/* y (n, out) = x W^T + bias, or y += where add is set; its backward pass is
 * frozen_backward. */
static void linear(real *y, const real *x, const struct decoder_linear *f, int n, bool add)
{
    size_t out = (size_t)f->w.out;

    for (int i = 0; f->bias && i < n; i++) {
        real *row = y + (size_t)i * out;

        for (size_t j = 0; j < out; j++)
            row[j] = (add ? row[j] : 0) + f->bias[j];
    }
    frozen_forward(y, x, &f->w, n, add || f->bias);
}

/* product (q, ff) = act(gate_up (q, ff_width)) */
static void ff_forward(real *product, const real *gate_up, int q,
                       const struct decoder_config *c)
{
    if (c->ff_kind == DECODER_SWIGLU)
        swiglu_forward(product, gate_up, q, c->ff);
    else
        relu_forward(product, gate_up, (long)q * c->ff);
}

/* gate_up becomes its gradient. */
static void ff_backward(real *gate_up, const real *dproduct, int q,
                        const struct decoder_config *c)
{
    if (c->ff_kind == DECODER_SWIGLU)
        swiglu_backward(gate_up, dproduct, q, c->ff);
    else
        for (size_t i = 0; i < (size_t)q * (size_t)c->ff; i++)
            gate_up[i] = gate_up[i] > 0 ? dproduct[i] : 0;
}

static void rotate(real *qkv, const struct decoder_config *c,
                   const struct decoder_workspace *w, real sign)
{
    if (c->positions == DECODER_ROTARY)
        decoder_rope(qkv, c, w->cosine, w->sine, w->rows, sign);
}

static const struct decoder_plan *plan_of(const struct decoder *m, int l,
                                          const struct decoder_workspace *w)
{
    return l + 1 < m->c.layers ? &w->all : &w->wanted;
}

/* to (q, width) = the plan's rows of x; to may be x. */
static void pick_rows(real *to, const real *x, const struct decoder_plan *plan, int width)
{
    for (int i = 0; i < plan->queries; i++) {
        const real *from = x + (size_t)plan->row[i] * (size_t)width;

        if (to + (size_t)i * (size_t)width != from)
            memmove(to + (size_t)i * (size_t)width, from, (size_t)width * sizeof *to);
    }
}

/* mid (q, width) = x + attention(u), u (n, width) */
static void attend(const struct decoder *m, int l, const real *u,
                   struct decoder_workspace *w)
{
    const struct decoder_config *c = &m->c;
    const struct decoder_layer *layer = &m->layer[l];
    const struct decoder_plan *plan = plan_of(m, l, w);
    struct decoder_saved *s = &w->saved[l];

    linear(s->qkv, u, &layer->qkv, w->rows, false);
    rotate(s->qkv, c, w, 1);
    if (w->cache)
        decoder_cache_take(w->cache, l, s->qkv, w->rows);
    decoder_attention_forward(w->attended, s->lse, s->qkv, plan, c, w);
    pick_rows(s->mid, s->x, plan, c->width);
    linear(s->mid, w->attended, &layer->out, plan->queries, true);
}

/* next (q, width) = x + ff(v), v (q, width); next NULL: gate_up alone. */
static void feed(real *next, const struct decoder *m, int l, const real *x, const real *v,
                 int q, struct decoder_workspace *w)
{
    const struct decoder_layer *layer = &m->layer[l];
    struct decoder_saved *s = &w->saved[l];

    linear(s->gate_up, v, &layer->gate_up, q, false);
    if (!next)
        return;
    ff_forward(w->product, s->gate_up, q, &m->c);
    if (next != x)
        memcpy(next, x, (size_t)q * (size_t)m->c.width * sizeof *next);
    linear(next, w->product, &layer->down, q, true);
}

/* mid = x + attention(norm(x)), next = mid + ff(norm(mid)) */
static void forward_norm_before(real *next, const struct decoder *m, int l,
                                struct decoder_workspace *w)
{
    const struct decoder_layer *layer = &m->layer[l];
    struct decoder_saved *s = &w->saved[l];
    int q = plan_of(m, l, w)->queries;

    decoder_norm_forward(w->normed, &s->attention, s->x, &layer->attention_norm, &m->c,
                         w->rows);
    attend(m, l, w->normed, w);
    decoder_norm_forward(w->normed, &s->ff, s->mid, &layer->ff_norm, &m->c, q);
    feed(next, m, l, s->mid, w->normed, q, w);
}

/* mid = x + attention(x), v = norm(mid), sum = v + ff(v), next = norm(sum) */
static void forward_norm_after(real *next, const struct decoder *m, int l,
                               struct decoder_workspace *w)
{
    const struct decoder_layer *layer = &m->layer[l];
    struct decoder_saved *s = &w->saved[l];
    int q = plan_of(m, l, w)->queries;

    attend(m, l, s->x, w);
    decoder_norm_forward(w->normed, &s->attention, s->mid, &layer->attention_norm, &m->c,
                         q);
    feed(s->sum, m, l, w->normed, w->normed, q, w);
    decoder_norm_forward(next ? next : w->normed, &s->ff, s->sum, &layer->ff_norm, &m->c,
                         q);
}

void decoder_layer_forward(real *next, const struct decoder *m, int l,
                           struct decoder_workspace *w)
{
    if (m->c.norm_after)
        forward_norm_after(next, m, l, w);
    else
        forward_norm_before(next, m, l, w);
}

/* dx (q, width) to the plan's rows of dx (n, width), zero elsewhere, in place:
 * row i goes to row[i] >= i, so from the end. */
static void spread_rows(real *dx, const struct decoder_plan *plan, int n, int width)
{
    int i = plan->queries - 1;

    for (int r = n - 1; r >= 0; r--) {
        real *to = dx + (size_t)r * (size_t)width;

        if (i < 0 || plan->row[i] != r)
            memset(to, 0, (size_t)width * sizeof *to);
        else if (i-- != r)
            memcpy(to, dx + (size_t)(i + 1) * (size_t)width, (size_t)width * sizeof *to);
    }
}

/* dv (q, width) from w->dx, the gradient of ff's output; dv += where add is set. */
static void feed_backward(real *dv, const struct decoder *m, int l, bool add,
                          struct decoder_workspace *w)
{
    const struct decoder_layer *layer = &m->layer[l];
    struct decoder_saved *s = &w->saved[l];
    int q = plan_of(m, l, w)->queries;

    frozen_backward(w->product, w->dx, &layer->down.w, q, false);
    ff_backward(s->gate_up, w->product, q, &m->c);
    frozen_backward(dv, s->gate_up, &layer->gate_up.w, q, add);
}

/* w->dx, the gradient of mid (q, width), becomes that of x beside attention
 * (n, width); du (n, width) that of what attention saw; du += where add is set. */
static void attend_backward(real *du, const struct decoder *m, int l, bool add,
                            struct decoder_workspace *w)
{
    const struct decoder_config *c = &m->c;
    const struct decoder_layer *layer = &m->layer[l];
    const struct decoder_plan *plan = plan_of(m, l, w);
    struct decoder_saved *s = &w->saved[l];

    frozen_backward(w->attended, w->dx, &layer->out.w, plan->queries, false);
    decoder_attention_backward(w->dqkv, w->attended, s->qkv, s->lse, plan, c, w);
    rotate(w->dqkv, c, w, -1);
    if (plan->queries < w->rows)
        spread_rows(w->dx, plan, w->rows, c->width);
    frozen_backward(du, w->dqkv, &layer->qkv.w, w->rows, add);
}

static void backward_norm_before(const struct decoder *m, int l,
                                 struct decoder_workspace *w)
{
    const struct decoder_layer *layer = &m->layer[l];
    struct decoder_saved *s = &w->saved[l];
    int q = plan_of(m, l, w)->queries;

    feed_backward(w->normed, m, l, false, w);
    decoder_norm_backward(w->dx, w->normed, s->mid, &s->ff, &layer->ff_norm, &m->c, q);
    attend_backward(w->normed, m, l, false, w);
    decoder_norm_backward(w->dx, w->normed, s->x, &s->attention, &layer->attention_norm,
                          &m->c, w->rows);
}

/* w->dx (q, width), the gradient of norm(x), becomes that of x. */
static void through_norm(const struct decoder *m, const struct decoder_norm *norm,
                         const real *x, const struct decoder_stats *stats, int q,
                         struct decoder_workspace *w)
{
    size_t bytes = (size_t)q * (size_t)m->c.width * sizeof *w->dx;

    memcpy(w->normed, w->dx, bytes);
    memset(w->dx, 0, bytes);
    decoder_norm_backward(w->dx, w->normed, x, stats, norm, &m->c, q);
}

static void backward_norm_after(const struct decoder *m, int l,
                                struct decoder_workspace *w)
{
    const struct decoder_layer *layer = &m->layer[l];
    struct decoder_saved *s = &w->saved[l];
    int q = plan_of(m, l, w)->queries;

    through_norm(m, &layer->ff_norm, s->sum, &s->ff, q, w);
    feed_backward(w->dx, m, l, true, w);
    through_norm(m, &layer->attention_norm, s->mid, &s->attention, q, w);
    attend_backward(w->dx, m, l, true, w);
}

void decoder_layer_backward(const struct decoder *m, int l, struct decoder_workspace *w)
{
    if (m->c.norm_after)
        backward_norm_after(m, l, w);
    else
        backward_norm_before(m, l, w);
}
