#include "models/decoder_parts.h"
#include "nn/rmsnorm.h"
#include "nn/swiglu.h"

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

/* w->dx: (q, width) of the layer's output becomes (n, width) of its input. */
static void layer_backward(const struct decoder *m, int l, struct decoder_workspace *w)
{
    const struct decoder_config *c = &m->c;
    const struct decoder_layer *layer = &m->layer[l];
    const struct decoder_plan *plan = l + 1 < c->layers ? &w->all : &w->wanted;
    struct decoder_saved *s = &w->saved[l];
    int n = w->rows, q = plan->queries;

    frozen_backward(w->product, w->dx, &layer->down, q, false);
    swiglu_backward(s->gate_up, w->product, q, c->ff);
    frozen_backward(w->normed, s->gate_up, &layer->gate_up, q, false);
    rmsnorm_backward(w->dx, w->normed, s->mid, s->rstd2, layer->ff_norm, q, c->width);

    frozen_backward(w->attended, w->dx, &layer->out, q, false);
    decoder_attention_backward(w->dqkv, w->attended, s->qkv, s->lse, plan, c, w);
    decoder_rope(w->dqkv, c, w, -1);
    if (q < n)
        spread_rows(w->dx, plan, n, c->width);
    frozen_backward(w->normed, w->dqkv, &layer->qkv, n, false);
    rmsnorm_backward(w->dx, w->normed, s->x, s->rstd1, layer->attention_norm, n,
                     c->width);
}

const real *decoder_backward(const struct decoder *m, struct decoder_workspace *w,
                           const struct decoder_term *term, const real *weight, int count)
{
    int q = w->wanted.queries;

    decoder_head_backward(w->normed, m, w, term, weight, count);
    memset(w->dx, 0, (size_t)q * (size_t)m->c.width * sizeof *w->dx);
    rmsnorm_backward(w->dx, w->normed, w->last, w->last_rstd, m->final_norm, q,
                     m->c.width);
    for (int l = m->c.layers - 1; l >= 0; l--)
        layer_backward(m, l, w);
    return w->dx;
}
