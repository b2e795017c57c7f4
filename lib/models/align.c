#include "models/align.h"

#include "models/infonce.h"
#include "nn/loss.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_AT_ONCE = 32 }; /* the fixed blocks of a batch */

#define TEMPERATURE_MIN .01

int align_new(struct align *m, const struct align_options *o, struct tower_shape item,
              struct tower_shape text, struct error *e)
{
    *m = (struct align){ .o = *o, .logit_scale = -1 };
    if (item.joint != text.joint)
        return fail(e, "joint spaces of width %d and %d, expected the same", item.joint,
                    text.joint);
    if (tower_add(&m->item, &m->p, "item.", item, e) != 0)
        return fail_in(e, "item tower");
    if (tower_add(&m->text, &m->p, "text.", text, e) != 0)
        return fail_in(e, "text tower");
    if (o->match == MATCH_INFONCE && o->learn_temperature)
        m->logit_scale = params_add(&m->p, 1, 1, 1, "logit_scale");
    params_allocate(&m->p);
    return 0;
}

void align_free(struct align *m)
{
    params_free(&m->p);
}

void align_init(struct align *m, uint64_t seed)
{
    tower_init(&m->item, m->p.values, "align-train item", seed);
    tower_init(&m->text, m->p.values, "align-train text", seed);
    if (m->logit_scale >= 0)
        m->p.values[m->logit_scale] = (real)-log(m->o.temperature);
}

double align_temperature(const struct align *m)
{
    if (m->logit_scale < 0)
        return m->o.temperature;
    return fmax(exp(-(double)m->p.values[m->logit_scale]), TEMPERATURE_MIN);
}

void align_work_new(struct align_work *w, const struct align *m, int n)
{
    *w = (struct align_work){ .room = n };
    tower_tape_new(&w->item, &m->item, 2 * n);
    tower_tape_new(&w->text, &m->text, 2 * n);
    w->logit = mem_new(4 * (size_t)n, sizeof(real));
    w->dlogit = w->logit + 2L * n;
    if (m->o.match == MATCH_INFONCE)
        w->infonce = mem_new((size_t)infonce_work(2 * n, m->item.shape.joint), sizeof(real));
}

void align_work_free(struct align_work *w)
{
    tower_tape_free(&w->item);
    tower_tape_free(&w->text);
    free(w->logit);
    free(w->infonce);
    *w = (struct align_work){ 0 };
}

static bool is_on(double weight)
{
    return weight > 0;
}

static bool matches(const struct align *m)
{
    return m->o.match != MATCH_OFF && is_on(m->o.match_weight);
}

/* Rows that each tower sees of a batch; the text tower may be idle. */
static int item_rows(const struct align *m, int n)
{
    return m->o.targets_only && !is_on(m->o.rec) ? n : 2 * n;
}

static int text_rows(const struct align *m, int n)
{
    if (!matches(m) && !is_on(m->o.beta))
        return 0;
    return m->o.targets_only ? n : 2 * n;
}

static int blocks(int rows)
{
    return (rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
}

static int block_end(int from, int rows)
{
    return rows - from < ROWS_AT_ONCE ? rows : from + ROWS_AT_ONCE;
}

/* z[0]: scale times the rows of X that the batch names. */
static void gather(real *z, const real *X, const int32_t *item, int from, int to, int width,
                   real scale)
{
    for (int i = from; i < to; i++)
        for (int j = 0; j < width; j++)
            z[(long)i * width + j] = scale * X[(long)item[i] * width + j];
}

static void forward(const struct align *m, struct align_work *w, const struct align_batch *b,
                    uint64_t seed, uint64_t step)
{
    int text = text_rows(m, b->n), item = item_rows(m, b->n);

#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < blocks(text) + blocks(item); i++) {
        bool is_text = i < blocks(text);
        const struct tower *t = is_text ? &m->text : &m->item;
        struct tower_tape *k = is_text ? &w->text : &w->item;
        int from = (is_text ? i : i - blocks(text)) * ROWS_AT_ONCE;
        int to = block_end(from, is_text ? text : item);

        gather(k->z[0], is_text ? b->Q : b->E, b->item, from, to, t->width[0],
               is_text ? (real)m->o.text_scale : 1);
        tower_forward(t, m->p.values, k, from, to,
                      is_text ? "align-train text dropout" : "align-train item dropout",
                      seed, step);
    }
}

/* The gradients that the losses add to. */
static void clear(const struct tower *t, struct tower_tape *k, int rows)
{
    memset(k->d[t->middle], 0, (size_t)rows * (size_t)t->shape.joint * sizeof(real));
    memset(k->d[t->layers], 0, (size_t)rows * (size_t)t->shape.in * sizeof(real));
}

static double match_loss(const struct align *m, struct align_work *w,
                         const struct align_batch *b)
{
    int rows = text_rows(m, b->n), joint = m->item.shape.joint, at = m->item.middle;
    int text_at = m->text.middle;
    real *de = w->item.d[at], *dq = w->text.d[text_at];
    const real *e = w->item.z[at], *q = w->text.z[text_at];

    if (!matches(m))
        return 0;
    if (m->o.match == MATCH_INFONCE)
        return infonce(de, dq, &w->dscale, e, q, b->item, rows, joint,
                       1 / align_temperature(m), m->o.match_weight, w->infonce);
    return squared_error(de, dq, e, q, (long)rows * joint,
                         m->o.match_weight / ((double)b->n * joint));
}

/* weight / (n width) sum (out - in)^2 over the rows that count. */
static double recon_loss(const struct align *m, const struct tower *t,
                         struct tower_tape *k, int n, double weight)
{
    int rows = m->o.targets_only ? n : 2 * n, in = t->shape.in;

    if (!is_on(weight))
        return 0;
    return squared_error(k->d[t->layers], NULL, k->z[t->layers], k->z[0], (long)rows * in,
                         weight / ((double)n * in));
}

static real dot(const real *x, const real *y, int d)
{
    real sum = 0;

#pragma omp simd reduction(+ : sum)
    for (int j = 0; j < d; j++)
        sum += x[j] * y[j];
    return sum;
}

static double rec_loss(const struct align *m, struct align_work *w,
                       const struct align_batch *b)
{
    int n = b->n, d = m->item.shape.in;
    const real *decoded = w->item.z[m->item.layers];
    real *d_decoded = w->item.d[m->item.layers];
    real similarity = m->o.mean_similarity ? (real)1 / (real)d : 1;
    double loss;

    if (!is_on(m->o.rec))
        return 0;
    for (int i = 0; i < 2 * n; i++)
        w->logit[i] = similarity * dot(b->x[i % n], decoded + (long)i * d, d);
    memset(w->dlogit, 0, 2 * (size_t)n * sizeof *w->dlogit);
    loss = bce_logits_all(w->dlogit, w->logit, 1, n, m->o.rec / n);
    loss += bce_logits_all(w->dlogit + n, w->logit + n, 0, n, m->o.rec / n);
    for (int i = 0; i < 2 * n; i++)
        for (int j = 0; j < d; j++)
            d_decoded[(long)i * d + j] += similarity * w->dlogit[i] * b->x[i % n][j];
    return loss;
}

struct align_parts align_loss(const struct align *m, struct align_work *w,
                              const struct align_batch *b, bool training, uint64_t seed,
                              uint64_t step)
{
    struct align_parts p;

    w->item.dropout = w->text.dropout = training ? m->o.dropout : 0;
    w->item.decoded = is_on(m->o.alpha) || is_on(m->o.rec);
    w->text.decoded = is_on(m->o.beta);
    w->dscale = 0;
    forward(m, w, b, seed, step);
    clear(&m->item, &w->item, item_rows(m, b->n));
    clear(&m->text, &w->text, text_rows(m, b->n));
    p.match = match_loss(m, w, b);
    p.item_recon = recon_loss(m, &m->item, &w->item, b->n, m->o.alpha);
    p.text_recon = recon_loss(m, &m->text, &w->text, b->n, m->o.beta);
    p.rec = rec_loss(m, w, b);
    p.total = p.match + p.item_recon + p.text_recon + p.rec;
    return p;
}

void align_gradient(const struct align *m, struct align_work *w,
                    const struct align_batch *b, real *grad)
{
    int text = text_rows(m, b->n), item = item_rows(m, b->n);

#pragma omp parallel
    {
#pragma omp for schedule(dynamic)
        for (int i = 0; i < blocks(text) + blocks(item); i++) {
            bool is_text = i < blocks(text);
            int from = (is_text ? i : i - blocks(text)) * ROWS_AT_ONCE;

            tower_backward(is_text ? &m->text : &m->item, m->p.values,
                           is_text ? &w->text : &w->item, from,
                           block_end(from, is_text ? text : item));
        }
#pragma omp for schedule(dynamic)
        for (int i = 0; i < m->text.layers + m->item.layers; i++) {
            bool is_text = i < m->text.layers;

            tower_weight_gradient(is_text ? &m->text : &m->item,
                                  is_text ? &w->text : &w->item, grad,
                                  is_text ? i : i - m->text.layers, is_text ? text : item);
        }
    }
    if (m->logit_scale >= 0) { /* d(1/T) / d log(1/T) = 1/T, none into what is held */
        bool held = exp((double)m->p.values[m->logit_scale]) * TEMPERATURE_MIN > 1;

        grad[m->logit_scale] =
            held && w->dscale < 0 ? 0 : (real)(w->dscale / align_temperature(m));
    }
}
