/* Scores by NeuMF, one pair as well as many: plain loops, whose sums do not depend on
 * what is computed beside them. */
#include "cf/neumf.h"

#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* y (out) += x (in) w, w (in, out) */
static void add_product(real *restrict y, const real *x, const real *w, int in, int out)
{
    for (int i = 0; i < in; i++, w += out) {
#pragma omp simd
        for (int j = 0; j < out; j++)
            y[j] += x[i] * w[j];
    }
}

static real *transposed(const real *w, int in, int out)
{
    real *t = mem_new((size_t)in * (size_t)out, sizeof *t);

    for (long o = 0; o < out; o++)
        for (long i = 0; i < in; i++)
            t[i * out + o] = w[o * in + i];
    return t;
}

void neumf_scorer_new(struct neumf_scorer *s, const struct neumf *m, const real *item,
                      int64_t items)
{
    int M = m->shape.mlp, V = neumf_width(m), out = m->shape.out[0], in = 2 * M;

    *s = (struct neumf_scorer){ .m = m, .item = item };
    for (int i = 0; i < m->shape.layers; i++, in = m->shape.out[i - 1])
        s->w[i] = transposed(m->p.values + m->w[i], in, m->shape.out[i]);
    s->first = mem_new((size_t)items * (size_t)out, sizeof *s->first);
    for (int64_t i = 0; i < items; i++) {
        memcpy(s->first + i * out, m->p.values + m->b[0], (size_t)out * sizeof(real));
        add_product(s->first + i * out, item + i * V + m->shape.gmf,
                    s->w[0] + (long)M * out, M, out);
    }
}

void neumf_scorer_free(struct neumf_scorer *s)
{
    for (int i = 0; i < NEUMF_MAX_LAYERS; i++)
        free(s->w[i]);
    free(s->first);
}

static void relu(real *x, int n)
{
    for (int i = 0; i < n; i++)
        x[i] = x[i] > 0 ? x[i] : 0;
}

/* h holds the first map's output and has room for the widest twice. */
static real score_one(const struct neumf_scorer *s, const real *user, const real *item,
                      real *h, int widest)
{
    const struct neumf *m = s->m;
    const real *p = m->p.values, *w = p + m->predict_w;
    int L = m->shape.layers, G = m->shape.gmf, in = m->shape.out[0];
    real *other = h + widest, sum = p[m->predict_b];

    relu(h, in);
    for (int i = 1; i < L; i++, in = m->shape.out[i - 1]) {
        real *kept = h;

        memcpy(other, p + m->b[i], (size_t)m->shape.out[i] * sizeof *other);
        add_product(other, h, s->w[i], in, m->shape.out[i]);
        relu(other, m->shape.out[i]);
        h = other;
        other = kept;
    }
    for (int j = 0; j < G; j++)
        sum += user[j] * item[j] * w[j];
    for (int j = 0; j < in; j++)
        sum += h[j] * w[G + j];
    return sum;
}

static __attribute__((noinline)) void score_some(const struct neumf_scorer *s,
                                                 const real *user, int64_t first,
                                                 int64_t count, real *score, real *room,
                                                 int widest)
{
    const struct neumf *m = s->m;
    int out = m->shape.out[0], V = neumf_width(m);
    real *share = room, *h = room + widest;

    memset(share, 0, (size_t)out * sizeof *share);
    add_product(share, user + m->shape.gmf, s->w[0], m->shape.mlp, out);
    for (int64_t i = first; i < first + count; i++) {
        const real *item = s->item + i * V, *own = s->first + i * out;

        for (int j = 0; j < out; j++)
            h[j] = own[j] + share[j];
        score[i - first] = isnan(user[0]) || isnan(item[0])
                               ? (real)NAN
                               : score_one(s, user, item, h, widest);
    }
}

void neumf_score(const struct neumf_scorer *s, const real *user, int64_t first,
                 int64_t count, real *score)
{
    const struct neumf *m = s->m;
    int widest = 0;
    real *room;

    for (int i = 0; i < m->shape.layers; i++)
        widest = m->shape.out[i] > widest ? m->shape.out[i] : widest;
    room = mem_new(3 * (size_t)widest, sizeof *room);
    score_some(s, user, first, count, score, room, widest);
    free(room);
}
