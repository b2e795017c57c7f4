#include "align/align_parts.h"
#include "ranks/ranks.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEMPERATURE_MIN .01

const char *const align_similarity_names[] = {
    [ALIGN_DOT] = "dot", [ALIGN_MEAN] = "mean", NULL
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

void align_work_new(struct align_work *w, const struct align *m, int n)
{
    *w = (struct align_work){ .room = n };
    tower_tape_new(&w->item, &m->item, align_decodes_text(m) ? 4 * n : 2 * n);
    tower_tape_new(&w->text, &m->text, 2 * n);
    w->rec = mem_new(2 * (size_t)m->o.rec_loss->work(n), sizeof(real));
    w->part = mem_new(2 * (size_t)align_blocks(n), sizeof *w->part);
    if (m->o.match->work)
        w->match =
            mem_new((size_t)m->o.match->work(2 * n, m->item.shape.joint), sizeof(real));
}

void align_work_free(struct align_work *w)
{
    tower_tape_free(&w->item);
    tower_tape_free(&w->text);
    free(w->match);
    free(w->rec);
    free(w->part);
    *w = (struct align_work){ 0 };
}

/* What the decoder's losses of q say to q. */
static void text_from_decoder(const struct align *m, struct align_work *w, int n,
                              int from, int to)
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
    if (from < align_item_rows(m, b->n))
        tower_backward(&m->item, m->p.values, &w->item, from, to);
    if (align_decodes_text(m))
        text_from_decoder(m, w, b->n, from, to);
    if (from < align_text_rows(m, b->n))
        tower_backward(&m->text, m->p.values, &w->text, from, to);
}

/* Rows that layer l of a tower has seen: the item tower's decoder has seen q, too. */
static int layer_rows(const struct align *m, bool is_text, int l, int n)
{
    if (is_text)
        return align_text_rows(m, n);
    return align_decodes_text(m) && l >= m->item.middle ? 4 * n : align_item_rows(m, n);
}

/* Gradients of layer i of both towers, the item tower's first; adam NULL: no step. */
static void layer_step(struct align *m, struct align_work *w, const struct align_batch *b,
                       real *grad, const struct adam *adam, int i)
{
    bool is_text = i >= m->item.layers;
    int l = is_text ? i - m->item.layers : i;

    tower_weight_gradient(is_text ? &m->text : &m->item, is_text ? &w->text : &w->item,
                          grad, l, layer_rows(m, is_text, l, b->n));
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
    int mine, end;

    align_ranks_blocks(b->n, &mine, &end);
#pragma omp parallel
    {
#pragma omp for schedule(static, 1)
        for (int i = mine; i < end; i++)
            backward(m, w, b, align_block_from(b->n, i), align_block_to(b->n, i));
        if (ranks_count() > 1) {
#pragma omp master
            align_ranks_gradients(m, w, b->n);
#pragma omp barrier
        }
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
