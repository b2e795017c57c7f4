#include "llm/decoder_parts.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

static atomic_llong rows_run; /* a sum of whole numbers: the same in any order */

void decoder_angles(real *cosine, real *sine, const struct decoder *m, int local,
                    const int *position, int n)
{
    double magnitude = m->c.rope_magnitude > 0 ? m->c.rope_magnitude : 1;
    int half = decoder_rotated(&m->c) / 2;

    for (int r = 0; r < n; r++)
        for (int j = 0; j < half; j++) {
            double angle = position[r] * m->frequency[local][j];

            cosine[r * half + j] = (real)(magnitude * cos(angle));
            sine[r * half + j] = (real)(magnitude * sin(angle));
        }
}

void decoder_add_positions(real *x, const struct decoder *m, const int *position, int n)
{
    size_t width = (size_t)m->c.width;

    for (int r = 0; r < n; r++, x += width) {
        const real *row;

        assert(position[r] >= 0 && position[r] < m->c.context);
        row = m->position + (size_t)(position[r] + m->c.position_offset) * width;
        for (size_t j = 0; j < width; j++)
            x[j] += row[j];
    }
}

/* x (rows, width): what the first layer sees. */
static void begin(real *x, const struct decoder *m, const struct decoder_pack *p,
                  struct decoder_workspace *w)
{
    if (decoder_projects(&m->c))
        frozen_forward(x, p->embeddings, &m->project_in, p->rows, false);
    else
        memcpy(x, p->embeddings, (size_t)p->rows * (size_t)m->c.width * sizeof *x);
    decoder_scale(x, m->c.embed_factor, (size_t)p->rows * (size_t)m->c.width);
    if (m->c.positions == DECODER_LEARNED)
        decoder_add_positions(x, m, p->position, p->rows);
    for (int k = 0; k < 2 && m->frequency[k]; k++)
        decoder_angles(w->cosine[k], w->sine[k], m, k, p->position, p->rows);
}

/* w->hidden from w->last */
static void end(const struct decoder *m, int wanted, struct decoder_workspace *w)
{
    real *normed = decoder_projects(&m->c) ? w->normed : w->hidden;

    if (m->c.no_final_norm)
        memcpy(normed, w->last, (size_t)wanted * (size_t)m->c.width * sizeof *normed);
    else
        decoder_norm_forward(normed, &w->final, w->last, &m->final_norm, &m->c, wanted);
    if (decoder_projects(&m->c))
        frozen_forward(w->hidden, normed, &m->project_out, wanted, false);
    decoder_scale(w->hidden, m->c.logit_factor,
                  (size_t)wanted * (size_t)m->c.embed_width);
}

void decoder_forward(const struct decoder *m, const struct decoder_pack *p,
                     struct decoder_workspace *w)
{
    int layers = m->c.layers;

    for (int local = 0; local <= decoder_has_local(&m->c); local++) {
        int window = local ? m->c.window : 0;

        decoder_plan_make(&w->all[local], p, w, p->rows, NULL, window);
        decoder_plan_make(&w->wanted[local], p, w, p->wanted, p->want, window);
    }
    w->rows = p->rows;
    atomic_fetch_add_explicit(&rows_run, p->rows, memory_order_relaxed);
    begin(w->saved[0].x, m, p, w);
    for (int l = 0; l < layers; l++)
        decoder_layer_forward(l + 1 < layers ? w->saved[l + 1].x : w->last, m, l, w);
    end(m, p->wanted, w);
}

long long decoder_rows_run(void)
{
    return atomic_load_explicit(&rows_run, memory_order_relaxed);
}

const real *decoder_hidden(const struct decoder_workspace *w)
{
    return w->hidden;
}

/* w->dx (wanted, width): the gradient of w->last, from that of w->hidden in w->normed. */
static void end_backward(const struct decoder *m, int wanted, struct decoder_workspace *w)
{
    size_t bytes = (size_t)wanted * (size_t)m->c.width * sizeof *w->dx;
    real *dnormed = w->normed;

    decoder_scale(w->normed, m->c.logit_factor,
                  (size_t)wanted * (size_t)m->c.embed_width);
    if (decoder_projects(&m->c)) {
        dnormed = w->dqkv;
        frozen_backward(dnormed, w->normed, &m->project_out, wanted, false);
    }
    if (m->c.no_final_norm) {
        memcpy(w->dx, dnormed, bytes);
        return;
    }
    memset(w->dx, 0, bytes);
    decoder_norm_backward(w->dx, dnormed, w->last, &w->final, &m->final_norm, &m->c,
                          wanted);
}

/* The gradient of the embeddings, from that of the first layer's input in w->dx. */
static const real *begin_backward(const struct decoder *m, struct decoder_workspace *w)
{
    decoder_scale(w->dx, m->c.embed_factor, (size_t)w->rows * (size_t)m->c.width);
    if (!decoder_projects(&m->c))
        return w->dx;
    frozen_backward(w->normed, w->dx, &m->project_in, w->rows, false);
    return w->normed;
}

const real *decoder_backward(const struct decoder *m, struct decoder_workspace *w,
                             const struct decoder_term *term, const real *weight,
                             int count)
{
    int last = m->c.layers - 1;

    assert(w->keep != DECODER_FORWARD);
    decoder_head_backward(w->normed, m, w, term, weight, count);
    end_backward(m, w->wanted[0].queries, w);
    for (int l = last; l >= 0; l--) {
        if (w->keep == DECODER_RECOMPUTE && l < last) /* the last one's is there */
            decoder_layer_forward(NULL, m, l, w);
        decoder_layer_backward(m, l, w);
    }
    return begin_backward(m, w);
}
