#include "llm/decoder_parts.h"
#include "util/mem.h"

#include <stdlib.h>

/* NULL where the workspace is only measured. */
static real *take(struct decoder_workspace *w, size_t rows, size_t columns)
{
    w->bytes += rows * columns * sizeof(real);
    return w->measured ? NULL : mem_new(rows * columns, sizeof(real));
}

static struct decoder_stats take_stats(struct decoder_workspace *w, size_t rows)
{
    struct decoder_stats s = { take(w, rows, 1), NULL };

    s.rstd = take(w, rows, 1);
    return s;
}

static void free_stats(struct decoder_stats *s)
{
    free(s->mean);
    free(s->rstd);
}

/* All but x, which is there. */
static void take_layer(struct decoder_saved *s, struct decoder_workspace *w,
                       const struct decoder_config *c)
{
    size_t n = (size_t)w->max_rows, width = (size_t)c->width;
    bool backward = w->keep != DECODER_FORWARD;

    s->mid = backward ? take(w, n, width) : s->x;
    if (c->layer_kind == DECODER_NORM_AFTER)
        s->sum = backward ? take(w, n, width) : s->x;
    s->qkv = take(w, n, (size_t)decoder_qkv_width(c));
    s->lse = take(w, n, (size_t)c->heads);
    s->gate_up = take(w, n, (size_t)decoder_ff_width(c));
    s->attention = take_stats(w, n);
    s->ff = take_stats(w, n);
    if (c->qk_norm) {
        s->raw = backward ? take(w, n, (size_t)decoder_qk_width(c)) : NULL;
        s->qk_rstd = take(w, n, (size_t)(c->heads + c->kv_heads));
    }
    if (decoder_norms_results(c)) {
        s->attention_result = take(w, n, width);
        s->ff_result = take(w, n, width);
        s->attention_post = take_stats(w, n);
        s->ff_post = take_stats(w, n);
    }
}

static void take_saved(struct decoder_workspace *w, const struct decoder_config *c)
{
    w->saved = mem_new((size_t)c->layers, sizeof *w->saved);
    for (int l = 0; l < c->layers; l++) {
        struct decoder_saved *s = &w->saved[l];

        if (l > 0 && w->keep != DECODER_BACKWARD)
            *s = w->saved[0];
        if (l == 0 || w->keep != DECODER_FORWARD)
            s->x = take(w, (size_t)w->max_rows, (size_t)c->width);
        if (l == 0 || w->keep == DECODER_BACKWARD)
            take_layer(s, w, c);
    }
}

/* Stacked rows of attention. */
static int stacked_rows(const struct decoder_config *c)
{
    return c->heads / c->kv_heads * DECODER_BLOCK;
}

static void take_attention(struct decoder_workspace *w, const struct decoder_config *c)
{
    size_t stacked = (size_t)stacked_rows(c);
    size_t dim = (size_t)c->head_dim, stride = (size_t)decoder_score_stride(w->max_rows);

    w->query = take(w, stacked, dim);
    w->result = take(w, stacked, dim);
    w->score = take(w, stacked, stride);
    w->inverse = take(w, stacked, 1);
    if (w->keep != DECODER_FORWARD) {
        w->dresult = take(w, stacked, dim);
        w->dscore = take(w, stacked, stride);
        if (c->attention_cap > 0)
            w->slope = take(w, 1, stride);
    }
}

static void take_bf16(struct decoder_workspace *w, const struct decoder_config *c)
{
    w->bytes += bf16_room_take(w->measured ? NULL : &w->bf16, stacked_rows(c),
                               c->head_dim, w->max_rows);
}

static void take_head(struct decoder_workspace *w, const struct decoder_config *c)
{
    size_t m = (size_t)w->max_wanted, width = (size_t)c->embed_width;

    w->last = w->keep != DECODER_FORWARD ? take(w, m, (size_t)c->width) : w->saved[0].x;
    w->final = take_stats(w, m);
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

static void take_rows(struct decoder_workspace *w, const struct decoder_config *c)
{
    size_t n = (size_t)w->max_rows, width = (size_t)c->width;

    for (int k = 0; k < decoder_rope_kinds(c); k++) {
        w->cosine[k] = take(w, n, (size_t)decoder_rotated(c) / 2);
        w->sine[k] = take(w, n, (size_t)decoder_rotated(c) / 2);
    }
    if (decoder_norms_results(c)
        || (c->layer_kind == DECODER_PARALLEL && w->keep != DECODER_FORWARD))
        w->branch = take(w, n, width);
    if (c->qk_norm && w->keep != DECODER_FORWARD)
        w->qk_row = take(w, 1, (size_t)decoder_qk_width(c));
    w->normed = take(w, n,
                     width > (size_t)c->embed_width ? width : (size_t)c->embed_width);
    w->attended = take(w, n, (size_t)(c->heads * c->head_dim));
    w->product = take(w, n, (size_t)c->ff);
    if (w->keep != DECODER_FORWARD) {
        w->dx = take(w, n, width);
        w->dqkv = take(w, n, (size_t)decoder_qkv_width(c));
    }
}

static struct decoder_workspace *make(const struct decoder *m, int rows, int wanted,
                                      enum decoder_keep keep, bool measured)
{
    const struct decoder_config *c = &m->c;
    struct decoder_workspace *w = mem_new(1, sizeof *w);
    size_t n = (size_t)rows;

    w->measured = measured;
    w->layers = c->layers;
    w->max_rows = rows;
    w->max_wanted = wanted;
    w->keep = keep;
    for (int local = 0; local <= decoder_has_local(c); local++) {
        take_plan(&w->all[local], rows);
        take_plan(&w->wanted[local], wanted);
    }
    w->mark = mem_new(n, 1);
    w->column = mem_new(n, sizeof *w->column);
    take_saved(w, c);
    take_attention(w, c);
    if (frozen_is_bf16(m->layer[0].qkv.w.precision) && frozen_available(FROZEN_BF16))
        take_bf16(w, c);
    take_head(w, c);
    take_rows(w, c);
    return w;
}

struct decoder_workspace *decoder_workspace_new(const struct decoder *m, int rows,
                                                int wanted, enum decoder_keep keep)
{
    return make(m, rows, wanted, keep, false);
}

size_t decoder_workspace_need(const struct decoder *m, int rows, int wanted,
                              enum decoder_keep keep)
{
    struct decoder_workspace *w = make(m, rows, wanted, keep, true);
    size_t bytes = w->bytes;

    decoder_workspace_free(w);
    return bytes;
}

/* All but x. */
static void free_layer(struct decoder_saved *s, enum decoder_keep keep)
{
    if (keep != DECODER_FORWARD) {
        free(s->mid);
        free(s->sum);
    }
    free(s->qkv);
    free(s->lse);
    free(s->gate_up);
    free_stats(&s->attention);
    free_stats(&s->ff);
    free(s->raw);
    free(s->qk_rstd);
    free(s->attention_result);
    free(s->ff_result);
    free_stats(&s->attention_post);
    free_stats(&s->ff_post);
}

static void free_saved(struct decoder_workspace *w)
{
    for (int l = 0; l < w->layers; l++) {
        if (l == 0 || w->keep == DECODER_BACKWARD)
            free_layer(&w->saved[l], w->keep);
        if (l == 0 || w->keep != DECODER_FORWARD)
            free(w->saved[l].x);
    }
    free(w->saved);
}

void decoder_workspace_free(struct decoder_workspace *w)
{
    if (!w)
        return;
    free_saved(w);
    if (w->keep != DECODER_FORWARD)
        free(w->last);
    free_stats(&w->final);
    real *arrays[] = { w->hidden,  w->cosine[0], w->sine[0], w->normed,
                       w->cosine[1], w->sine[1], w->slope,   w->branch,   w->qk_row,
                       w->attended,  w->product, w->dx,      w->dqkv,     w->query,
                       w->result,    w->dresult, w->score,   w->dscore,   w->inverse,
                       w->logits,    w->lse,     w->head_rows, w->head_row, w->share };

    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
    bf16_room_free(&w->bf16);
    free(w->slot);
    free(w->mark);
    free(w->column);
    for (int local = 0; local < 2; local++) {
        decoder_plan_free(&w->all[local]);
        decoder_plan_free(&w->wanted[local]);
    }
    free(w);
}

size_t decoder_workspace_bytes(const struct decoder_workspace *w)
{
    return w->bytes;
}
