#include "llm/decoder_parts.h"

#include <string.h>

/* y (n, out) = x W^T + bias, or y += where add is set; its backward pass is
 * frozen_backward. */
static void linear(real *y, const real *x, const struct decoder_linear *f, int n,
                   bool add)
{
    size_t out = (size_t)f->w.out;

    for (int i = 0; f->bias && i < n; i++) {
        real *row = y + (size_t)i * out;

        for (size_t j = 0; j < out; j++)
            row[j] = (add ? row[j] : 0) + f->bias[j];
    }
    frozen_forward(y, x, &f->w, n, add || f->bias);
}

void decoder_layer_rotate(real *qkv, const struct decoder *m, int l,
                          const struct decoder_workspace *w, real sign)
{
    int kind = decoder_is_local(&m->c, l) && m->frequency[1];

    if (decoder_is_rotated(&m->c, l))
        decoder_rope(qkv, &m->c, w->cosine[kind], w->sine[kind], w->rows, sign);
}

const struct decoder_plan *decoder_layer_plan(const struct decoder *m, int l,
                                              const struct decoder_workspace *w)
{
    int local = decoder_is_local(&m->c, l);

    return l + 1 < m->c.layers ? &w->all[local] : &w->wanted[local];
}

void decoder_layer_pick(real *to, const real *x, const struct decoder_plan *plan,
                        int width)
{
    for (int i = 0; i < plan->queries; i++) {
        const real *from = x + (size_t)plan->row[i] * (size_t)width;

        if (to + (size_t)i * (size_t)width != from)
            memmove(to + (size_t)i * (size_t)width, from, (size_t)width * sizeof *to);
    }
}

/* Queries and keys of s->qkv become their norms; what they were is kept. */
static void norm_qk(const struct decoder *m, int l, struct decoder_workspace *w)
{
    const struct decoder_config *c = &m->c;
    struct decoder_saved *s = &w->saved[l];
    size_t in = (size_t)decoder_qkv_width(c), part = (size_t)decoder_qk_width(c);

    for (size_t r = 0; s->raw && r < (size_t)w->rows; r++)
        memcpy(s->raw + r * part, s->qkv + r * in, part * sizeof *s->raw);
    decoder_qk_norm(s->qkv, s->qk_rstd, &m->layer[l], c, w->rows);
}

/* w->attended (q, heads head_dim) = attention of u (n, width); mid (q, width) = x. */
static void attend(const struct decoder *m, int l, const real *u,
                   struct decoder_workspace *w)
{
    const struct decoder_config *c = &m->c;
    const struct decoder_plan *plan = decoder_layer_plan(m, l, w);
    struct decoder_saved *s = &w->saved[l];

    linear(s->qkv, u, &m->layer[l].qkv, w->rows, false);
    if (c->qk_norm)
        norm_qk(m, l, w);
    decoder_layer_rotate(s->qkv, m, l, w, 1);
    if (w->cache)
        decoder_cache_take(w->cache, l, s->qkv, w->rows);
    decoder_attention_forward(w->attended, s->lse, s->qkv, plan, c, w);
    decoder_scale(w->attended, c->residual_factor,
                  (size_t)plan->queries * (size_t)(c->heads * c->head_dim));
    decoder_layer_pick(s->mid, s->x, plan, c->width);
}

/* w->product (q, ff) = what the feed-forward's last product sees, from v (q, width). */
static void feed(const struct decoder *m, int l, const real *v, int q,
                 struct decoder_workspace *w)
{
    linear(w->saved[l].gate_up, v, &m->layer[l].gate_up, q, false);
    decoder_activate(w->product, w->saved[l].gate_up, q, &m->c);
    decoder_scale(w->product, m->c.residual_factor, (size_t)q * (size_t)m->c.ff);
}

/* y (q, width) += F x, or += norm(F x), which is kept in `result`; y may be NULL then. */
static void join(real *y, const struct decoder_linear *F, const real *x,
                 const struct decoder_norm *norm, real *result,
                 const struct decoder_stats *stats, const struct decoder_config *c, int q,
                 struct decoder_workspace *w)
{
    size_t n = (size_t)q * (size_t)c->width;

    if (!norm->w) {
        linear(y, x, F, q, true);
        return;
    }
    linear(result, x, F, q, false);
    decoder_norm_forward(w->branch, stats, result, norm, c, q);
    for (size_t i = 0; y && i < n; i++)
        y[i] += w->branch[i];
}

/* v (q, width), what the feed-forward sees, from mid; in w->normed if it has a norm. */
static const real *before_feed(const struct decoder *m, int l, int q,
                               struct decoder_workspace *w)
{
    const struct decoder_norm *norm = &m->layer[l].ff_norm;
    struct decoder_saved *s = &w->saved[l];

    if (!norm->w)
        return s->mid;
    decoder_norm_forward(w->normed, &s->ff, s->mid, norm, &m->c, q);
    return w->normed;
}

/* mid = x + attention, next = mid + feed-forward: each of a norm or as it is, each its
 * norm or as it is; in parallel the feed-forward sees x as well. */
static void forward_norm_before(real *next, const struct decoder *m, int l,
                                struct decoder_workspace *w)
{
    const struct decoder_layer *layer = &m->layer[l];
    struct decoder_saved *s = &w->saved[l];
    bool parallel = m->c.layer_kind == DECODER_PARALLEL;
    int q = decoder_layer_plan(m, l, w)->queries;
    const real *u = s->x, *v = NULL;

    if (layer->attention_norm.w) {
        decoder_norm_forward(w->normed, &s->attention, s->x, &layer->attention_norm,
                             &m->c, w->rows);
        u = w->normed;
    }
    attend(m, l, u, w);
    if (parallel)
        v = before_feed(m, l, q, w);
    join(s->mid, &layer->out, w->attended, &layer->attention_post_norm,
         s->attention_result, &s->attention_post, &m->c, q, w);
    if (!parallel)
        v = before_feed(m, l, q, w);
    if (!next && !layer->ff_post_norm.w) {
        linear(s->gate_up, v, &layer->gate_up, q, false);
        return;
    }
    feed(m, l, v, q, w);
    if (next && next != s->mid)
        memcpy(next, s->mid, (size_t)q * (size_t)m->c.width * sizeof *next);
    join(next, &layer->down, w->product, &layer->ff_post_norm, s->ff_result, &s->ff_post,
         &m->c, q, w);
}

/* mid = x + attention(x), v = norm(mid), sum = v + ff(v), next = norm(sum) */
static void forward_norm_after(real *next, const struct decoder *m, int l,
                               struct decoder_workspace *w)
{
    const struct decoder_layer *layer = &m->layer[l];
    struct decoder_saved *s = &w->saved[l];
    int q = decoder_layer_plan(m, l, w)->queries;

    attend(m, l, s->x, w);
    linear(s->mid, w->attended, &layer->out, q, true);
    decoder_norm_forward(w->normed, &s->attention, s->mid, &layer->attention_norm, &m->c,
                         q);
    feed(m, l, w->normed, q, w);
    memcpy(s->sum, w->normed, (size_t)q * (size_t)m->c.width * sizeof *s->sum);
    linear(s->sum, w->product, &layer->down, q, true);
    decoder_norm_forward(next ? next : w->normed, &s->ff, s->sum, &layer->ff_norm, &m->c,
                         q);
}

void decoder_layer_forward(real *next, const struct decoder *m, int l,
                           struct decoder_workspace *w)
{
    if (m->c.layer_kind == DECODER_NORM_AFTER)
        forward_norm_after(next, m, l, w);
    else
        forward_norm_before(next, m, l, w);
}
