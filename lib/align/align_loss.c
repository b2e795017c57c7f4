/* Stage 1's forward pass and losses.  What align_gradient needs of them stays in the
 * work. */
#include "align/align_parts.h"
#include "nn/loss.h"

#include <string.h>

/* z[0]: scale times the rows of X that the batch names. */
static void gather(real *z, const real *X, const int32_t *item, int from, int to,
                   int width, real scale)
{
    for (int i = from; i < to; i++) {
#pragma omp simd
        for (int j = 0; j < width; j++)
            z[(long)i * width + j] = scale * X[(long)item[i] * width + j];
    }
}

/* The input of rows from .. to - 1, which other ranks take through the towers. */
static void gather_others(const struct align *m, struct align_work *w,
                          const struct align_batch *b, int from, int to)
{
    if (from < align_item_rows(m, b->n))
        gather(w->item.z[0], b->E, b->item, from, to, m->item.width[0], 1);
    if (from < align_text_rows(m, b->n))
        gather(w->text.z[0], b->Q, b->item, from, to, m->text.width[0],
               (real)m->o.text_scale);
}

static void clear_rows(real *d, int from, int to, int width)
{
    memset(d + (long)from * width, 0, (size_t)(to - from) * (size_t)width * sizeof *d);
}

/* Rows from .. to - 1 of one tower, and cleared gradients that the losses add to. */
static void forward(const struct align *m, struct align_work *w,
                    const struct align_batch *b, bool is_text, int from, int to,
                    uint64_t seed, uint64_t step)
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
    tower_decode_rows(t, m->p.values, &w->item, first, end, "align-train item dropout",
                      seed, step);
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
static double recon_loss(const struct tower *t, struct tower_tape *k, int n,
                         double weight, int from, int to)
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

/* A batch's decoded vectors, for a loss of rec.h: of e, or of q behind their 2 n rows. */
static struct rec_rows rec_rows_of(const struct align *m, struct align_work *w,
                                   const struct align_batch *b, bool is_text)
{
    int d = m->item.shape.in, out = m->item.layers;
    long first = is_text ? 2L * b->n * d : 0;

    return (struct rec_rows){
        .y = w->item.z[out] + first, .dy = w->item.d[out] + first,
        .x = b->x, .id = b->item, .n = b->n, .d = d,
        .factor = m->o.mean_similarity ? 1. / d : 1,
        .weight = is_text ? m->o.rec_text : m->o.rec,
        .work = w->rec + (is_text ? m->o.rec_loss->work(w->room) : 0),
    };
}

/* Rows from .. to - 1, all of them targets or all negatives; 0 where the loss needs all
 * rows. */
static double rec_block(const struct align *m, struct align_work *w,
                        const struct align_batch *b, bool is_text, int from, int to)
{
    struct rec_rows r = rec_rows_of(m, w, b, is_text);

    return r.weight > 0 && m->o.rec_loss->block ? m->o.rec_loss->block(&r, from, to) : 0;
}

/* All rows; 0 where blocks have been asked. */
static double rec_whole(const struct align *m, struct align_work *w,
                        const struct align_batch *b, bool is_text)
{
    struct rec_rows r = rec_rows_of(m, w, b, is_text);

    return r.weight > 0 && m->o.rec_loss->whole ? m->o.rec_loss->whole(&r) : 0;
}

/* Forward and the losses of rows from .. to - 1, all of them targets or all negatives;
 * losses that need all rows are left out. */
static struct align_parts block_loss(const struct align *m, struct align_work *w,
                                     const struct align_batch *b, int from, int to,
                                     uint64_t seed, uint64_t step)
{
    bool item = from < align_item_rows(m, b->n), text = from < align_text_rows(m, b->n);
    bool counts = from < b->n || !m->o.targets_only;
    struct align_parts p = { 0 };
    struct match_rows r;

    if (item)
        forward(m, w, b, false, from, to, seed, step);
    if (text)
        forward(m, w, b, true, from, to, seed, step);
    if (text && align_matches(m) && m->o.match->block) {
        r = rows_of(m, w, b, from, to);
        p.match = m->o.match->block(&r);
    }
    if (counts && align_is_on(m->o.alpha))
        p.item_recon = recon_loss(&m->item, &w->item, b->n, m->o.alpha, from, to);
    if (counts && align_is_on(m->o.beta))
        p.text_recon = recon_loss(&m->text, &w->text, b->n, m->o.beta, from, to);
    p.rec = rec_block(m, w, b, false, from, to);
    if (align_decodes_text(m))
        decode_text(m, w, b->n, from, to, seed, step);
    p.rec_text = rec_block(m, w, b, true, from, to);
    if (counts && align_is_on(m->o.cross))
        p.cross = cross_loss(m, w, b->n, from, to);
    return p;
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
    int mine, end;

    align_ranks_blocks(b->n, &mine, &end);
    w->item.dropout = w->text.dropout = training ? m->o.dropout : 0;
    w->item.decoded =
        align_is_on(m->o.alpha) || align_is_on(m->o.rec) || align_decodes_text(m);
    w->text.decoded = align_is_on(m->o.beta);
    w->dscale = 0;
#pragma omp parallel for schedule(static, 1)
    for (int i = 0; i < 2 * align_blocks(b->n); i++)
        if (i >= mine && i < end)
            w->part[i] = block_loss(m, w, b, align_block_from(b->n, i),
                                    align_block_to(b->n, i), seed, step);
        else
            gather_others(m, w, b, align_block_from(b->n, i), align_block_to(b->n, i));
    align_ranks_losses(m, w, b->n);
    for (int i = 0; i < 2 * align_blocks(b->n); i++)
        add_parts(&p, &w->part[i]);
    if (align_matches(m) && m->o.match->whole) {
        all = rows_of(m, w, b, 0, align_text_rows(m, b->n));
        p.match = m->o.match->whole(&all);
    }
    if (m->o.rec_loss->whole) {
        p.rec = rec_whole(m, w, b, false);
        p.rec_text = rec_whole(m, w, b, true);
    }
    p.total = p.match + p.item_recon + p.text_recon + p.rec + p.rec_text + p.cross;
    return p;
}
