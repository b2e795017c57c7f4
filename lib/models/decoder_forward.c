#include "models/decoder_parts.h"
#include "nn/rmsnorm.h"
#include "nn/swiglu.h"

#include <math.h>
#include <string.h>

static void rotations(struct decoder_workspace *w, const struct decoder *m,
                      const struct decoder_pack *p)
{
    int half = m->c.head_dim / 2;

    for (int r = 0; r < p->rows; r++)
        for (int j = 0; j < half; j++) {
            double angle = p->position[r] * m->frequency[j];

            w->cosine[r * half + j] = (real)cos(angle);
            w->sine[r * half + j] = (real)sin(angle);
        }
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

/* next (q, width) */
static void layer_forward(real *next, const struct decoder *m, int l,
                          struct decoder_workspace *w)
{
    const struct decoder_config *c = &m->c;
    const struct decoder_layer *layer = &m->layer[l];
    const struct decoder_plan *plan = l + 1 < c->layers ? &w->all : &w->wanted;
    struct decoder_saved *s = &w->saved[l];
    int n = w->rows, q = plan->queries;

    rmsnorm_forward(w->normed, s->rstd1, s->x, layer->attention_norm, n, c->width,
                    c->norm_eps);
    frozen_forward(s->qkv, w->normed, &layer->qkv, n, false);
    decoder_rope(s->qkv, c, w, 1);
    decoder_attention_forward(w->attended, s->lse, s->qkv, plan, c, w);
    pick_rows(s->mid, s->x, plan, c->width);
    frozen_forward(s->mid, w->attended, &layer->out, q, true);

    rmsnorm_forward(w->normed, s->rstd2, s->mid, layer->ff_norm, q, c->width,
                    c->norm_eps);
    frozen_forward(s->gate_up, w->normed, &layer->gate_up, q, false);
    swiglu_forward(w->product, s->gate_up, q, c->ff);
    if (next != s->mid)
        memcpy(next, s->mid, (size_t)q * (size_t)c->width * sizeof *next);
    frozen_forward(next, w->product, &layer->down, q, true);
}

void decoder_forward(const struct decoder *m, const struct decoder_pack *p,
                   struct decoder_workspace *w)
{
    const struct decoder_config *c = &m->c;

    decoder_plan_make(&w->all, p, w, p->rows, NULL);
    decoder_plan_make(&w->wanted, p, w, p->wanted, p->want);
    w->rows = p->rows;
    rotations(w, m, p);
    memcpy(w->saved[0].x, p->embeddings,
           (size_t)p->rows * (size_t)c->width * sizeof *w->saved[0].x);
    for (int l = 0; l < c->layers; l++)
        layer_forward(l + 1 < c->layers ? w->saved[l + 1].x : w->last, m, l, w);
    rmsnorm_forward(w->hidden, w->last_rstd, w->last, m->final_norm, p->wanted, c->width,
                    c->norm_eps);
}

const real *decoder_hidden(const struct decoder_workspace *w)
{
    return w->hidden;
}
