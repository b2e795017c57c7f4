#include "align/align.h"

#include "align/choice.h"
#include "nn/loss.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_AT_ONCE = 32 }; /* the fixed blocks of a batch */

#define TEMPERATURE_MIN .01

const char *const align_similarity_names[] = {
    [ALIGN_DOT] = "dot", [ALIGN_MEAN] = "mean", NULL
};

const char *const align_rec_names[] = {
    [ALIGN_BCE] = "bce", [ALIGN_CHOICE] = "choice", NULL
};

const char *const align_ground_names[] = {
    [ALIGN_BOTH] = "both", [ALIGN_POSITIVES] = "positives", NULL
};

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
    if (o->match->has_temperature && o->learn_temperature)
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

static bool is_on(double weight)
{
    return weight > 0;
}

/* Does the item tower's decoder read q? */
static bool decodes_text(const struct align *m)
{
    return is_on(m->o.rec_text) || is_on(m->o.cross);
}

static int blocks(int rows)
{
    return (rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
}

void align_work_new(struct align_work *w, const struct align *m, int n)
{
    *w = (struct align_work){ .room = n };
    tower_tape_new(&w->item, &m->item, decodes_text(m) ? 4 * n : 2 * n);
    tower_tape_new(&w->text, &m->text, 2 * n);
    w->logit = mem_new(8 * (size_t)n, sizeof(real));
    w->dlogit = w->logit + 4L * n;
    if (m->o.choice)
        w->choice = mem_new((size_t)choice_room(n), sizeof(real));
    w->part = mem_new(2 * (size_t)blocks(n), sizeof *w->part);
    if (m->o.match->work)
        w->match =
            mem_new((size_t)m->o.match->work(2 * n, m->item.shape.joint), sizeof(real));
}

void align_work_free(struct align_work *w)
{
    tower_tape_free(&w->item);
    tower_tape_free(&w->text);
    free(w->logit);
    free(w->match);
    free(w->choice);
    free(w->part);
    *w = (struct align_work){ 0 };
}

static bool matches(const struct align *m)
{
    return match_is_on(m->o.match) && is_on(m->o.match_weight);
}

/* Rows that each tower sees of a batch; the text tower may be idle. */
static int item_rows(const struct align *m, int n)
{
    return m->o.targets_only && !is_on(m->o.rec) && !decodes_text(m) ? n : 2 * n;
}

static int text_rows(const struct align *m, int n)
{
    if (!matches(m) && !is_on(m->o.beta) && !decodes_text(m))
        return 0;
    return m->o.targets_only && !decodes_text(m) ? n : 2 * n;
}

/* z[0]: scale times the rows of X that the batch names. */
static void gather(real *z, const real *X, const int32_t *item, int from, int to, int width,
                   real scale)
{
    for (int i = from; i < to; i++) {
#pragma omp simd
        for (int j = 0; j < width; j++)
            z[(long)i * width + j] = scale * X[(long)item[i] * width + j];
    }
}

static void clear_rows(real *d, int from, int to, int width)
{
    memset(d + (long)from * width, 0, (size_t)(to - from) * (size_t)width * sizeof *d);
}

/* Rows from .. to - 1 of one tower, and cleared gradients that the losses add to. */
static void forward(const struct align *m, struct align_work *w, const struct align_batch *b,
                    bool is_text, int from, int to, uint64_t seed, uint64_t step)
{
    const struct tower *t = is_text ? &m->text : &m->item;
    struct tower_tape *k = is_text ? &w->text : &w->item;

    gather(k->z[0], is_text ? b->Q : b->E, b->item, from, to, t->width[0],
           is_text ? (real)m->o.text_scale : 1);
    tower_forward(t, m->p.values, k, from, to,
                  is_text ? "align-train text dropout" : "align-train item dropout", seed,
                  step);
    clear_rows(k->d[t->middle], from, to, t->shape.joint);
    clear_rows(k->d[t->layers], from, to, t->shape.in);
}

/* q of rows from .. to - 1 through the item tower's decoder, in its rows 2 n on. */
static void decode_text(const struct align *m, struct align_work *w, int n, int from,
                        int to, uint64_t seed, uint64_t step)
{
    const struct tower *t = &m->item;
    int joint = t->shape.joint, first = 2 * n + from, end = 2 * n + to;

    memcpy(w->item.z[t->middle] + (long)first * joint,
           w->text.z[m->text.middle] + (long)from * joint,
           (size_t)(to - from) * (size_t)joint * sizeof(real));
    tower_decode_rows(t, m->p.values, &w->item, first, end, "align-train item dropout", seed,
                      step);
    clear_rows(w->item.d[t->middle], first, end, joint);
    clear_rows(w->item.d[t->layers], first, end, t->shape.in);
}

/* Rows from .. to - 1 of both towers, for a loss of match.h. */
static struct match_rows rows_of(const struct align *m, struct align_work *w,
                                 const struct align_batch *b, int from, int to)
{
    int joint = m->item.shape.joint, at = m->item.middle, text_at = m->text.middle;
    long first = (long)from * joint;

    return (struct match_rows){
        .e = w->item.z[at] + first, .q = w->text.z[text_at] + first,
        .de = w->item.d[at] + first, .dq = w->text.d[text_at] + first,
        .id = b->item + from, .n = to - from, .d = joint, .examples = b->n,
        .weight = m->o.match_weight, .scale = 1 / align_temperature(m),
        .dscale = &w->dscale, .work = w->match,
    };
}

/* weight / (n width) sum (out - in)^2, rows from .. to - 1. */
static double recon_loss(const struct tower *t, struct tower_tape *k, int n, double weight,
                         int from, int to)
{
    int in = t->shape.in;
    long first = (long)from * in;

    return squared_error(k->d[t->layers] + first, NULL, k->z[t->layers] + first,
                         k->z[0] + first, (long)(to - from) * in,
                         weight / ((double)n * in));
}

/* weight / (n width) sum (dec(q) - E)^2, rows from .. to - 1. */
static double cross_loss(const struct align *m, struct align_work *w, int n, int from,
                         int to)
{
    int in = m->item.shape.in, out = m->item.layers;
    long first = (long)from * in, decoded = (long)(2 * n + from) * in;

    return squared_error(w->item.d[out] + decoded, NULL, w->item.z[out] + decoded,
                         w->item.z[0] + first, (long)(to - from) * in,
                         m->o.cross / ((double)n * in));
}

static real dot(const real *x, const real *y, int d)
{
    real sum = 0;

#pragma omp simd reduction(+ : sum)
    for (int j = 0; j < d; j++)
        sum += x[j] * y[j];
    return sum;
}

static double similarity(const struct align *m)
{
    return m->o.mean_similarity ? 1. / m->item.shape.in : 1;
}

/* Rows from .. to - 1, all of them targets or all negatives; first: 0, of q 2 n. */
static double rec_loss(const struct align *m, struct align_work *w,
                       const struct align_batch *b, int first, int from, int to,
                       double weight)
{
    int n = b->n, d = m->item.shape.in, at = first + from;
    const real *decoded = w->item.z[m->item.layers] + (long)first * d;
    real *d_decoded = w->item.d[m->item.layers] + (long)first * d, s = (real)similarity(m);
    real *logit = w->logit + first, *dlogit = w->dlogit + first;
    double loss;

    for (int i = from; i < to; i++)
        logit[i] = s * dot(b->x[i % n], decoded + (long)i * d, d);
    clear_rows(w->dlogit, at, first + to, 1);
    loss = bce_logits_all(dlogit + from, logit + from, from < n, to - from, weight / n);
    for (int i = from; i < to; i++) {
        const real *x = b->x[i % n];

#pragma omp simd
        for (int j = 0; j < d; j++)
            d_decoded[(long)i * d + j] += s * dlogit[i] * x[j];
    }
    return loss;
}

/* The same by choice, all rows at once. */
static double rec_choice(const struct align *m, struct align_work *w,
                         const struct align_batch *b, int first, double weight)
{
    int d = m->item.shape.in, out = m->item.layers;

    return choice_loss(w->item.d[out] + (long)first * d, w->item.z[out] + (long)first * d,
                       b->x, b->item, b->n, d, similarity(m), weight, w->choice);
}

/* Forward and the losses of rows from .. to - 1, all of them targets or all negatives;
 * a match that needs all rows, and choices, are left out. */
static struct align_parts block_loss(const struct align *m, struct align_work *w,
                                     const struct align_batch *b, int from, int to,
                                     uint64_t seed, uint64_t step)
{
    bool item = from < item_rows(m, b->n), text = from < text_rows(m, b->n);
    bool counts = from < b->n || !m->o.targets_only;
    struct align_parts p = { 0 };
    struct match_rows r;

    if (item)
        forward(m, w, b, false, from, to, seed, step);
    if (text)
        forward(m, w, b, true, from, to, seed, step);
    if (text && matches(m) && m->o.match->block) {
        r = rows_of(m, w, b, from, to);
        p.match = m->o.match->block(&r);
    }
    if (counts && is_on(m->o.alpha))
        p.item_recon = recon_loss(&m->item, &w->item, b->n, m->o.alpha, from, to);
    if (counts && is_on(m->o.beta))
        p.text_recon = recon_loss(&m->text, &w->text, b->n, m->o.beta, from, to);
    if (is_on(m->o.rec) && !m->o.choice)
        p.rec = rec_loss(m, w, b, 0, from, to, m->o.rec);
    if (decodes_text(m))
        decode_text(m, w, b->n, from, to, seed, step);
    if (is_on(m->o.rec_text) && !m->o.choice)
        p.rec_text = rec_loss(m, w, b, 2 * b->n, from, to, m->o.rec_text);
    if (counts && is_on(m->o.cross))
        p.cross = cross_loss(m, w, b->n, from, to);
    return p;
}

/* Blocks of the targets' rows, then of the negatives'. */
static int block_from(int n, int i)
{
    return i < blocks(n) ? i * ROWS_AT_ONCE : n + (i - blocks(n)) * ROWS_AT_ONCE;
}

static int block_to(int n, int i)
{
    int end = i < blocks(n) ? n : 2 * n, to = block_from(n, i) + ROWS_AT_ONCE;

    return to < end ? to : end;
}

static void add_parts(struct align_parts *sum, const struct align_parts *p)
{
    sum->match += p->match;
    sum->item_recon += p->item_recon;
    sum->text_recon += p->text_recon;
    sum->rec += p->rec;
    sum->rec_text += p->rec_text;
    sum->cross += p->cross;
}

struct align_parts align_loss(const struct align *m, struct align_work *w,
                              const struct align_batch *b, bool training, uint64_t seed,
                              uint64_t step)
{
    struct align_parts p = { 0 };
    struct match_rows all;

    w->item.dropout = w->text.dropout = training ? m->o.dropout : 0;
    w->item.decoded = is_on(m->o.alpha) || is_on(m->o.rec) || decodes_text(m);
    w->text.decoded = is_on(m->o.beta);
    w->dscale = 0;
#pragma omp parallel for schedule(static, 1)
    for (int i = 0; i < 2 * blocks(b->n); i++)
        w->part[i] = block_loss(m, w, b, block_from(b->n, i), block_to(b->n, i), seed, step);
    for (int i = 0; i < 2 * blocks(b->n); i++)
        add_parts(&p, &w->part[i]);
    if (matches(m) && m->o.match->whole) {
        all = rows_of(m, w, b, 0, text_rows(m, b->n));
        p.match = m->o.match->whole(&all);
    }
    if (m->o.choice && is_on(m->o.rec))
        p.rec = rec_choice(m, w, b, 0, m->o.rec);
    if (m->o.choice && is_on(m->o.rec_text))
        p.rec_text = rec_choice(m, w, b, 2 * b->n, m->o.rec_text);
    p.total = p.match + p.item_recon + p.text_recon + p.rec + p.rec_text + p.cross;
    return p;
}

/* What the decoder's losses of q say to q. */
static void text_from_decoder(const struct align *m, struct align_work *w, int n, int from,
                              int to)
{
    int joint = m->item.shape.joint;
    const real *of = w->item.d[m->item.middle] + (long)(2 * n) * joint;
    real *sum = w->text.d[m->text.middle];

    tower_decode_backward(&m->item, m->p.values, &w->item, 2 * n + from, 2 * n + to);
    for (long i = (long)from * joint; i < (long)to * joint; i++)
        sum[i] += of[i];
}

static void backward(const struct align *m, struct align_work *w,
                     const struct align_batch *b, int from, int to)
{
    if (from < item_rows(m, b->n))
        tower_backward(&m->item, m->p.values, &w->item, from, to);
    if (decodes_text(m))
        text_from_decoder(m, w, b->n, from, to);
    if (from < text_rows(m, b->n))
        tower_backward(&m->text, m->p.values, &w->text, from, to);
}

/* Rows that layer l of a tower has seen: the item tower's decoder has seen q, too. */
static int layer_rows(const struct align *m, bool is_text, int l, int n)
{
    if (is_text)
        return text_rows(m, n);
    return decodes_text(m) && l >= m->item.middle ? 4 * n : item_rows(m, n);
}

/* Gradients of layer i of both towers, the item tower's first; adam NULL: no step. */
static void layer_step(struct align *m, struct align_work *w, const struct align_batch *b,
                       real *grad, const struct adam *adam, int i)
{
    bool is_text = i >= m->item.layers;
    int l = is_text ? i - m->item.layers : i;

    tower_weight_gradient(is_text ? &m->text : &m->item, is_text ? &w->text : &w->item, grad,
                          l, layer_rows(m, is_text, l, b->n));
    for (int j = 0; adam && j < 2; j++) /* weight and bias, in the arena's order */
        adam_tensor(adam, &m->p, grad, 2 * i + j);
}

static void temperature_gradient(const struct align *m, const struct align_work *w,
                                 real *grad)
{
    /* d(1/T) / d log(1/T) = 1/T, none into what is held */
    bool held = exp((double)m->p.values[m->logit_scale]) * TEMPERATURE_MIN > 1;

    grad[m->logit_scale] =
        held && w->dscale < 0 ? 0 : (real)(w->dscale / align_temperature(m));
}

/* Mirrored layers have equal sizes and places of unequal parity: two threads get as
 * much each, and the same at every step. */
static void step_all(struct align *m, struct align_work *w, const struct align_batch *b,
                     real *grad, const struct adam *adam)
{
#pragma omp parallel
    {
#pragma omp for schedule(static, 1)
        for (int i = 0; i < 2 * blocks(b->n); i++)
            backward(m, w, b, block_from(b->n, i), block_to(b->n, i));
#pragma omp for schedule(static, 1)
        for (int i = 0; i < m->item.layers + m->text.layers; i++)
            layer_step(m, w, b, grad, adam, i);
    }
    if (m->logit_scale < 0)
        return;
    temperature_gradient(m, w, grad);
    if (adam)
        adam_tensor(adam, &m->p, grad, m->p.count - 1);
}

void align_gradient(const struct align *m, struct align_work *w,
                    const struct align_batch *b, real *grad)
{
    struct align same = *m; /* nothing of it changes without Adam */

    step_all(&same, w, b, grad, NULL);
}

void align_step(struct align *m, struct align_work *w, const struct align_batch *b,
                real *grad, struct adam *adam)
{
    adam_begin(adam);
    step_all(m, w, b, grad, adam);
}
