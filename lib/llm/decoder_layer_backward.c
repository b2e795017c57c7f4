#include "llm/decoder_parts.h"

#include <string.h>

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

/* s->gate_up (q, ff_width) becomes its gradient, from that of what `down` gives. */
static void feed_backward(const real *dresult, const struct decoder *m, int l, int q,
                          struct decoder_workspace *w)
{
    frozen_backward(w->product, dresult, &m->layer[l].down.w, q, false);
    decoder_scale(w->product, m->c.residual_factor, (size_t)q * (size_t)m->c.ff);
    decoder_activate_backward(w->saved[l].gate_up, w->product, q, &m->c);
}

/* Queries' and keys' part of dqkv (n, ...), the gradient of their norms, becomes that of
 * what these were made from. */
static void norm_qk_backward(real *dqkv, const struct decoder *m, int l,
                             struct decoder_workspace *w)
{
    const struct decoder_config *c = &m->c;
    const struct decoder_saved *s = &w->saved[l];
    size_t part = (size_t)decoder_qk_width(c);

    for (size_t r = 0; r < (size_t)w->rows; r++) {
        real *row = dqkv + r * (size_t)decoder_qkv_width(c);

        memcpy(w->qk_row, row, part * sizeof *row);
        memset(row, 0, part * sizeof *row);
        decoder_qk_norm_backward(row, w->qk_row, s->raw + r * part,
                                 s->qk_rstd + r * (size_t)(c->heads + c->kv_heads),
                                 &m->layer[l], c);
    }
}

/* From w->attended, the gradient of what attention gave: w->dqkv, that of queries, keys
 * and values; w->dx (q, width), that of mid, becomes that of x beside attention. */
static void attend_backward(const struct decoder *m, int l, struct decoder_workspace *w)
{
    const struct decoder_config *c = &m->c;
    const struct decoder_plan *plan = decoder_layer_plan(m, l, w);
    struct decoder_saved *s = &w->saved[l];

    decoder_scale(w->attended, c->residual_factor,
                  (size_t)plan->queries * (size_t)(c->heads * c->head_dim));
    decoder_attention_backward(w->dqkv, w->attended, s->qkv, s->lse, plan, c, w);
    decoder_layer_rotate(w->dqkv, m, l, w, -1);
    if (c->qk_norm)
        norm_qk_backward(w->dqkv, m, l, w);
    if (plan->queries < w->rows)
        spread_rows(w->dx, plan, w->rows, c->width);
}

/* The gradient of `result` (q, width), from w->dx, that of its norm or of itself. */
static const real *before_join(const struct decoder_norm *norm, const real *result,
                               const struct decoder_stats *stats,
                               const struct decoder_config *c, int q,
                               struct decoder_workspace *w)
{
    if (!norm->w)
        return w->dx;
    memset(w->branch, 0, (size_t)q * (size_t)c->width * sizeof *w->branch);
    decoder_norm_backward(w->branch, w->dx, result, stats, norm, c, q);
    return w->branch;
}

/* w->dx (n, width) += gradient of x, from dy (n, W.out), that of W norm(x) or of W x. */
static void through_product(const real *dy, const struct frozen *W,
                            const struct decoder_norm *norm, const real *x,
                            const struct decoder_stats *stats,
                            const struct decoder_config *c, int n,
                            struct decoder_workspace *w)
{
    if (!norm->w) {
        frozen_backward(w->dx, dy, W, n, true);
        return;
    }
    frozen_backward(w->normed, dy, W, n, false);
    decoder_norm_backward(w->dx, w->normed, x, stats, norm, c, n);
}

static void backward_norm_before(const struct decoder *m, int l,
                                 struct decoder_workspace *w)
{
    const struct decoder_layer *layer = &m->layer[l];
    struct decoder_saved *s = &w->saved[l];
    const struct decoder_plan *plan = decoder_layer_plan(m, l, w);
    bool parallel = m->c.layer_kind == DECODER_PARALLEL;
    int q = plan->queries;
    const real *fed = s->mid;

    feed_backward(before_join(&layer->ff_post_norm, s->ff_result, &s->ff_post, &m->c, q,
                              w),
                  m, l, q, w);
    if (parallel) { /* attention's gradient is that of the sum, before dx grows */
        frozen_backward(w->attended, w->dx, &layer->out.w, q, false);
        decoder_layer_pick(w->branch, s->x, plan, m->c.width);
        fed = w->branch;
    }
    through_product(s->gate_up, &layer->gate_up.w, &layer->ff_norm, fed, &s->ff, &m->c, q,
                    w);
    if (!parallel)
        frozen_backward(w->attended,
                        before_join(&layer->attention_post_norm, s->attention_result,
                                    &s->attention_post, &m->c, q, w),
                        &layer->out.w, q, false);
    attend_backward(m, l, w);
    through_product(w->dqkv, &layer->qkv.w, &layer->attention_norm, s->x, &s->attention,
                    &m->c, w->rows, w);
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
    int q = decoder_layer_plan(m, l, w)->queries;

    through_norm(m, &layer->ff_norm, s->sum, &s->ff, q, w);
    feed_backward(w->dx, m, l, q, w);
    frozen_backward(w->dx, s->gate_up, &layer->gate_up.w, q, true);
    through_norm(m, &layer->attention_norm, s->mid, &s->attention, q, w);
    frozen_backward(w->attended, w->dx, &layer->out.w, q, false);
    attend_backward(m, l, w);
    frozen_backward(w->dx, w->dqkv, &layer->qkv.w, w->rows, true);
}

void decoder_layer_backward(const struct decoder *m, int l, struct decoder_workspace *w)
{
    if (m->c.layer_kind == DECODER_NORM_AFTER)
        backward_norm_after(m, l, w);
    else
        backward_norm_before(m, l, w);
}
