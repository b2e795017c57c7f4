#include "llm/decoder_parts.h"
#include "nn/softcap.h"
#include "nn/vecmath.h"
#include "util/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool backward(const struct decoder_workspace *w)
{
    return w->keep != DECODER_FORWARD;
}

/* Rows whose logits over the whole vocabulary exist at once without backward. */
enum { HEAD_BLOCK = 64 };

/* log sum exp of one row */
static real log_sum(const real *logit, int n)
{
    real max = max_row(logit, n);

    return max + (real)log(exp_sum(logit, max, n));
}

/* Gives every wanted row with a term that is not raw a slot; returns how many. */
static int assign_slots(struct decoder_workspace *w, const struct decoder_term *term,
                        int count)
{
    int wanted = w->wanted[0].queries, slots = 0;

    for (int i = 0; i < wanted; i++)
        w->slot[i] = -1;
    for (int j = 0; j < count; j++) {
        assert(term[j].row >= 0 && term[j].row < wanted);
        if (!term[j].raw)
            w->slot[term[j].row] = 0;
    }
    for (int i = 0; i < wanted; i++)
        if (w->slot[i] == 0)
            w->slot[i] = slots++;
    return slots;
}

static void reserve_logits(struct decoder_workspace *w, int rows, int vocab)
{
    size_t need = (size_t)rows;

    if (need <= w->logit_room)
        return;
    free(w->logits);
    w->bytes += (need - w->logit_room) * (size_t)vocab * sizeof *w->logits;
    w->logits = mem_new(need * (size_t)vocab, sizeof *w->logits);
    w->logit_room = need;
}

static void gather_slots(const struct decoder *m, struct decoder_workspace *w)
{
    size_t width = (size_t)m->c.embed_width;

    for (int i = 0; i < w->wanted[0].queries; i++)
        if (w->slot[i] >= 0)
            memcpy(w->head_rows + (size_t)w->slot[i] * width,
                   w->hidden + (size_t)i * width, width * sizeof *w->hidden);
}

static void cap_logits(const struct decoder *m, real *logit, size_t n)
{
    if (m->c.logit_cap > 0)
        softcap_forward(logit, (real)m->c.logit_cap, (long)n);
}

/* The cap's slope at a capped logit. */
static real slope_at(const struct decoder *m, real capped)
{
    real slope = 1;

    if (m->c.logit_cap > 0)
        softcap_slope(&slope, &capped, (real)m->c.logit_cap, 1);
    return slope;
}

static void raw_terms(const struct decoder *m, struct decoder_workspace *w,
                      const struct decoder_term *term, int count, real *out)
{
    for (int j = 0; j < count; j++) {
        if (!term[j].raw)
            continue;
        frozen_row(&m->head, term[j].token, w->head_row);
        out[j] = vec_dot(w->hidden + (size_t)term[j].row * (size_t)m->c.embed_width,
                     w->head_row, m->c.embed_width);
        cap_logits(m, out + j, 1);
    }
}

void decoder_logp(const struct decoder *m, struct decoder_workspace *w,
                const struct decoder_term *term, int count, real *out)
{
    int slots = assign_slots(w, term, count), vocab = m->c.vocab;
    int room = backward(w) || slots < HEAD_BLOCK ? slots : HEAD_BLOCK;

    reserve_logits(w, room, vocab);
    gather_slots(m, w);
    raw_terms(m, w, term, count, out);
    for (int first = 0; first < slots; first += HEAD_BLOCK) {
        int end = first + HEAD_BLOCK < slots ? first + HEAD_BLOCK : slots;
        real *logits = w->logits + (backward(w) ? (size_t)first * (size_t)vocab : 0);

        frozen_forward(logits, w->head_rows + (size_t)first * (size_t)m->c.embed_width,
                       &m->head, end - first, false);
        cap_logits(m, logits, (size_t)(end - first) * (size_t)vocab);
        for (int i = first; i < end; i++)
            w->lse[i] = log_sum(logits + (size_t)(i - first) * (size_t)vocab, vocab);
        for (int j = 0; j < count; j++) {
            int slot = w->slot[term[j].row];

            if (!term[j].raw && slot >= first && slot < end)
                out[j] = logits[(size_t)(slot - first) * (size_t)vocab
                                + (size_t)term[j].token]
                         - w->lse[slot];
        }
    }
}

/* weight[j] times the cap's slope, of the terms that are not raw; new. */
static real *sloped(const struct decoder *m, const struct decoder_workspace *w,
                    const struct decoder_term *term, const real *weight, int count)
{
    size_t vocab = (size_t)m->c.vocab;
    real *out = mem_new((size_t)count, sizeof *out);

    for (int j = 0; j < count; j++)
        if (!term[j].raw)
            out[j] = weight[j]
                     * slope_at(m, w->logits[(size_t)w->slot[term[j].row] * vocab
                                             + (size_t)term[j].token]);
    return out;
}

/* Logits become their gradient: with W the sum of the row's weights,
 * -W p[v] + sum of the weights of token v, times the slope of a cap. */
static void logits_backward(const struct decoder *m, struct decoder_workspace *w,
                            int slots, const struct decoder_term *term,
                            const real *weight, int count)
{
    size_t vocab = (size_t)m->c.vocab;
    real *at_token = sloped(m, w, term, weight, count);
    real inverse = m->c.logit_cap > 0 ? (real)(1 / m->c.logit_cap) : 0;

    memset(w->share, 0, (size_t)slots * sizeof *w->share);
    for (int j = 0; j < count; j++)
        if (!term[j].raw)
            w->share[w->slot[term[j].row]] += weight[j];
    for (int i = 0; i < slots; i++) {
        real *restrict logit = w->logits + (size_t)i * vocab;
        real share = w->share[i], lse = w->lse[i];

#pragma omp simd
        for (size_t v = 0; v < vocab; v++) {
            real t = logit[v] * inverse;

            logit[v] = -share * real_exp(logit[v] - lse) * (1 - t * t);
        }
    }
    for (int j = 0; j < count; j++)
        if (!term[j].raw)
            w->logits[(size_t)w->slot[term[j].row] * vocab + (size_t)term[j].token]
                += at_token[j];
    free(at_token);
}

void decoder_head_backward(real *dhidden, const struct decoder *m,
                           struct decoder_workspace *w, const struct decoder_term *term,
                           const real *weight, int count)
{
    size_t width = (size_t)m->c.embed_width;
    int wanted = w->wanted[0].queries, slots = 0;

    assert(backward(w));
    for (int i = 0; i < wanted; i++)
        slots += w->slot[i] >= 0;
    logits_backward(m, w, slots, term, weight, count);
    if (slots)
        frozen_backward(w->head_rows, w->logits, &m->head, slots, false);
    for (int i = 0; i < wanted; i++) {
        real *to = dhidden + (size_t)i * width;

        if (w->slot[i] >= 0)
            memcpy(to, w->head_rows + (size_t)w->slot[i] * width, width * sizeof *to);
        else
            memset(to, 0, width * sizeof *to);
    }
    for (int j = 0; j < count; j++) {
        real *to = dhidden + (size_t)term[j].row * width, slope, capped;

        if (!term[j].raw)
            continue;
        frozen_row(&m->head, term[j].token, w->head_row);
        capped = vec_dot(w->hidden + (size_t)term[j].row * width, w->head_row,
                         (int)width);
        cap_logits(m, &capped, 1);
        slope = weight[j] * slope_at(m, capped);
        for (size_t k = 0; k < width; k++)
            to[k] += slope * w->head_row[k];
    }
}
