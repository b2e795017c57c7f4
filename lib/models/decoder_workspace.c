#include "models/decoder_parts.h"
#include "util/mem.h"

#include <stdlib.h>

static real *take(struct decoder_workspace *w, size_t rows, size_t columns)
{
    w->bytes += rows * columns * sizeof(real);
    return mem_new(rows * columns, sizeof(real));
}

static void take_saved(struct decoder_workspace *w, const struct decoder_config *c)
{
    size_t n = (size_t)w->max_rows;

    w->saved = mem_new((size_t)c->layers, sizeof *w->saved);
    for (int l = 0; l < c->layers; l++) {
        struct decoder_saved *s = &w->saved[l];

        if (l > 0 && !w->backward) {
            *s = w->saved[0];
            continue;
        }
        s->x = take(w, n, (size_t)c->width);
        s->mid = w->backward ? take(w, n, (size_t)c->width) : s->x;
        s->qkv = take(w, n, (size_t)decoder_qkv_width(c));
        s->lse = take(w, n, (size_t)c->heads);
        s->gate_up = take(w, n, 2 * (size_t)c->ff);
        s->rstd1 = take(w, n, 1);
        s->rstd2 = take(w, n, 1);
    }
}

static void take_attention(struct decoder_workspace *w, const struct decoder_config *c)
{
    size_t stacked = (size_t)(c->heads / c->kv_heads) * DECODER_BLOCK;
    size_t dim = (size_t)c->head_dim, stride = (size_t)decoder_score_stride(w->max_rows);

    w->query = take(w, stacked, dim);
    w->result = take(w, stacked, dim);
    w->score = take(w, stacked, stride);
    w->inverse = take(w, stacked, 1);
    if (w->backward) {
        w->dresult = take(w, stacked, dim);
        w->dscore = take(w, stacked, stride);
    }
}

static void take_head(struct decoder_workspace *w, const struct decoder_config *c)
{
    size_t m = (size_t)w->max_wanted, width = (size_t)c->width;

    w->last = w->backward ? take(w, m, width) : w->saved[0].x;
    w->last_rstd = take(w, m, 1);
    w->hidden = take(w, m, width);
    w->slot = mem_new(m, sizeof *w->slot);
    w->lse = take(w, m, 1);
    w->head_rows = take(w, m, width);
    w->head_row = take(w, 1, width);
    w->share = take(w, m, 1);
}

static void take_plan(struct decoder_plan *plan, int queries)
{
    plan->row = mem_new((size_t)queries, sizeof *plan->row);
    plan->seen_first = mem_new((size_t)queries + 1, sizeof *plan->seen_first);
}

struct decoder_workspace *decoder_workspace_new(const struct decoder *m, int rows, int wanted,
                                            bool backward)
{
    const struct decoder_config *c = &m->c;
    struct decoder_workspace *w = mem_new(1, sizeof *w);
    size_t n = (size_t)rows;

    w->layers = c->layers;
    w->max_rows = rows;
    w->max_wanted = wanted;
    w->backward = backward;
    take_plan(&w->all, rows);
    take_plan(&w->wanted, wanted);
    w->mark = mem_new(n, 1);
    w->column = mem_new(n, sizeof *w->column);
    take_saved(w, c);
    take_attention(w, c);
    take_head(w, c);
    w->cosine = take(w, n, (size_t)c->head_dim / 2);
    w->sine = take(w, n, (size_t)c->head_dim / 2);
    w->normed = take(w, n, (size_t)c->width);
    w->attended = take(w, n, (size_t)(c->heads * c->head_dim));
    w->product = take(w, n, (size_t)c->ff);
    if (backward) {
        w->dx = take(w, n, (size_t)c->width);
        w->dqkv = take(w, n, (size_t)decoder_qkv_width(c));
    }
    return w;
}

static void free_saved(struct decoder_saved *s, bool backward)
{
    if (backward)
        free(s->mid);
    free(s->x);
    free(s->qkv);
    free(s->lse);
    free(s->gate_up);
    free(s->rstd1);
    free(s->rstd2);
}

void decoder_workspace_free(struct decoder_workspace *w)
{
    if (!w)
        return;
    for (int l = 0; l < (w->backward ? w->layers : 1); l++)
        free_saved(&w->saved[l], w->backward);
    if (w->backward)
        free(w->last);
    real *arrays[] = { w->last_rstd, w->hidden,  w->cosine,  w->sine,     w->normed,
                       w->attended,  w->product, w->dx,      w->dqkv,     w->query,
                       w->result,    w->dresult, w->score,   w->dscore,   w->inverse,
                       w->logits,    w->lse,     w->head_rows, w->head_row, w->share };

    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
    free(w->saved);
    free(w->slot);
    free(w->mark);
    free(w->column);
    decoder_plan_free(&w->all);
    decoder_plan_free(&w->wanted);
    free(w);
}

size_t decoder_workspace_bytes(const struct decoder_workspace *w)
{
    return w->bytes;
}
