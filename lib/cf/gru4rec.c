#include "cf/gru4rec.h"

#include "cf/cf_kind.h"
#include "cf/cf_trainer.h"
#include "nn/dropout.h"
#include "nn/gru.h"
#include "nn/init.h"
#include "nn/linear.h"

#include <string.h>

struct layer_places {
    long wi, wh, bi, bh;
};

struct places {
    struct layer_places layer[BACKBONE_MAX_BLOCKS];
    long dense_w, dense_b;
};

/* Rows are packed by time (nn/gru.h) within a call's windows; the place of the first
 * is that of its first window's row 0. */
struct inner {
    int *order;  /* (W): a call's windows, longest first */
    int *at;     /* (W, T + 1): of a call, at its first window: rows of each time */
    int *row;    /* (R): of each packed row, its place in the batch */
    real *mask;  /* (R, d) of the embeddings, in the batch's order */
    real *x;     /* (R, d) */
    struct {
        real *mask, *h, *y; /* (R, H): of the output, the output, times the mask */
        real *gates, *inner; /* (R, 3 H), (R, H) */
    } layer[BACKBONE_MAX_BLOCKS];
    real *out, *dh, *scratch; /* (R, d), (R, H), (R, 4 H) */
    real *dx;                 /* (R, max(d, H)) */
};

#define RECURRENT "cf.gru.weight_hh_l0"

static void choose(struct backbone_shape *s, const struct cf_options *o)
{
    s->blocks = o->layers;
    s->hidden = o->hidden;
}

static void read_shape(struct backbone_shape *s, struct filter *f,
                       const struct backbone_hints *hints)
{
    s->hidden = backbone_store_side(f, RECURRENT, 2, 1);
    s->maxlen = backbone_store_maxlen(f, RECURRENT, hints);
    s->blocks = backbone_store_count(f, "cf.gru.weight_hh_l%d");
}

static void put(struct filter *f, const struct backbone *m)
{
    backbone_store_put(f, m, NULL, NULL);
}

static int plan(struct backbone *m, struct error *e)
{
    const struct backbone_shape *s = &m->shape;
    struct places *places = m->places;

    if (s->hidden < 1 || s->hidden > 4096)
        return fail(e, "no GRU4Rec can have %d hidden units", s->hidden);
    for (int i = 0; i < s->blocks; i++) {
        struct layer_places *l = &places->layer[i];
        int H = s->hidden;

        l->wi = params_add(&m->p, 2, 3 * H, i ? H : s->width, "gru.weight_ih_l%d", i);
        l->wh = params_add(&m->p, 2, 3 * H, H, "gru.weight_hh_l%d", i);
        l->bi = params_add(&m->p, 1, 3 * H, 1, "gru.bias_ih_l%d", i);
        l->bh = params_add(&m->p, 1, 3 * H, 1, "gru.bias_hh_l%d", i);
    }
    places->dense_w = params_add(&m->p, 2, s->width, s->hidden, "dense.weight");
    places->dense_b = params_add(&m->p, 1, s->width, 1, "dense.bias");
    return 0;
}

/* torch's nn.GRU and nn.Linear: all U(+-1/sqrt(H)). */
static bool init(const struct backbone *m, const struct param *t, real *values, rng *r)
{
    if (strcmp(t->name, "item_emb.weight") == 0)
        return false;
    init_linear(values, params_length(t), m->shape.hidden, r);
    return true;
}

static void carve_inner(struct carver *c, struct backbone_tape *t,
                        const struct backbone *m)
{
    struct inner *in = t->inner;
    size_t W = (size_t)t->room, T = (size_t)m->shape.maxlen, rows = W * (T + 1);
    size_t d = (size_t)m->shape.width, H = (size_t)m->shape.hidden;

    in->order = (int *)backbone_carve(c, W);
    in->at = (int *)backbone_carve(c, W * (T + 1));
    in->row = (int *)backbone_carve(c, rows);
    in->mask = backbone_carve(c, rows * d);
    in->x = backbone_carve(c, rows * d);
    for (int i = 0; i < m->shape.blocks; i++) {
        in->layer[i].mask = backbone_carve(c, rows * H);
        in->layer[i].h = backbone_carve(c, rows * H);
        in->layer[i].y = backbone_carve(c, rows * H);
        in->layer[i].gates = backbone_carve(c, rows * 3 * H);
        in->layer[i].inner = backbone_carve(c, rows * H);
    }
    in->out = backbone_carve(c, rows * d);
    in->dh = backbone_carve(c, rows * H);
    in->dx = backbone_carve(c, rows * (d > H ? d : H));
    in->scratch = backbone_carve(c, rows * 4 * H);
}

/* Windows from .. to - 1 packed: order, at, row of that call. */
static struct gru_times pack(const struct backbone *m, const struct backbone_tape *t,
                             int from, int to)
{
    struct inner *in = t->inner;
    int *order = in->order + from, *at = in->at + (long)from * (m->shape.maxlen + 1);
    int *row = in->row + t->start[from], n = 0, time = 0;

    for (int length = m->shape.maxlen; length > 0; length--)
        for (int w = from; w < to; w++)
            if (t->length[w] == length)
                order[n++] = w;
    at[0] = 0;
    for (int live = n; live > 0; time++) {
        while (live > 0 && t->length[order[live - 1]] <= time)
            live--;
        if (live == 0)
            break;
        for (int i = 0; i < live; i++)
            row[at[time] + i] = t->start[order[i]] + 1 + time;
        at[time + 1] = at[time] + live;
    }
    return (struct gru_times){ at, time };
}

static void draw_masks(const struct backbone *m, const struct backbone_tape *t, int w)
{
    struct inner *in = t->inner;
    rng r = backbone_mask_rng(t, w);
    long first = t->start[w] + 1, n = t->length[w], H = m->shape.hidden;

    dropout_mask(in->mask + first * m->shape.width, n * m->shape.width, t->dropout, &r);
    for (int i = 0; i + 1 < m->shape.blocks; i++)
        dropout_mask(in->layer[i].mask + first * H, n * H, t->dropout, &r);
}

/* Rows of a call times their masks (R, width), which are in the batch's order. */
static void drop(const struct backbone_tape *t, real *y, const real *x, const real *mask,
                 const int *row, int n, int width)
{
    if (t->dropout == 0) {
        memmove(y, x, (size_t)n * (size_t)width * sizeof *y);
        return;
    }
    for (long i = 0; i < n; i++)
        dropout_forward(y + i * width, x + i * width, mask + (long)row[i] * width, width);
}

static void embed(const struct backbone *m, struct backbone_tape *t,
                  const struct gru_times *times, int from)
{
    struct inner *in = t->inner;
    const int *order = in->order + from;
    long d = m->shape.width;
    real *x = in->x + t->start[from] * d;

    for (int time = 0; time < times->steps; time++)
        for (int i = 0; i < times->at[time + 1] - times->at[time]; i++, x += d)
            backbone_embed(m, t, x, order[i], time);
}

/* Rows of the batch (R, d) to a call's packed rows (n, d)... */
static void pack_rows(real *packed, const real *x, const int *row, int n, long d)
{
    for (long i = 0; i < n; i++)
        memcpy(packed + i * d, x + row[i] * d, (size_t)d * sizeof *x);
}

/* ...and back; row 0 of the windows becomes zero. */
static void unpack_rows(const struct backbone_tape *t, real *x, const real *packed,
                        const int *row, int n, int d, int from, int to)
{
    backbone_zero_first(t, x, d, 0, from, to);
    for (long i = 0; i < n; i++)
        memcpy(x + (long)row[i] * d, packed + i * d, (size_t)d * sizeof *x);
}

static struct gru gru_at(const struct backbone *m, int i)
{
    const struct layer_places *l = &((struct places *)m->places)->layer[i];
    const real *p = m->p.values;

    return (struct gru){ i ? m->shape.hidden : m->shape.width, m->shape.hidden, p + l->wi,
                         p + l->wh, p + l->bi, p + l->bh };
}

static void forward(const struct backbone *m, struct backbone_tape *t, int from, int to)
{
    const struct places *places = m->places;
    struct gru_times times = pack(m, t, from, to);
    struct inner *in = t->inner;
    int d = m->shape.width, H = m->shape.hidden, n = times.at[times.steps];
    long first = t->start[from], wide = first * d, at = first * H;
    const int *row = in->row + first;
    real *x = in->x + wide;

    for (int w = from; w < to && t->dropout > 0; w++)
        draw_masks(m, t, w);
    embed(m, t, &times, from);
    drop(t, x, x, in->mask, row, n, d);
    for (int i = 0; i < m->shape.blocks; i++) {
        struct gru g = gru_at(m, i);

        gru_forward(&g, &times, in->layer[i].h + at, in->layer[i].gates + 3 * at,
                    in->layer[i].inner + at, x, in->scratch + 4 * at);
        x = in->layer[i].h + at;
        if (i + 1 < m->shape.blocks) {
            drop(t, in->layer[i].y + at, x, in->layer[i].mask, row, n, H);
            x = in->layer[i].y + at;
        }
    }
    linear_forward(in->out + wide, x, m->p.values + places->dense_w,
                   m->p.values + places->dense_b, n, H, d);
    unpack_rows(t, t->out, in->out + wide, row, n, d, from, to);
}

/* The layers: from dh, the gradient of the last one's output, to dx, the embeddings'. */
static void layers_backward(const struct backbone *m, struct backbone_tape *t,
                            const struct gru_times *times, real *grad, int from)
{
    const struct places *places = m->places;
    struct inner *in = t->inner;
    int H = m->shape.hidden, n = times->at[times->steps];
    long first = t->start[from], at = first * H;
    real *dx = in->dx + first * (m->shape.width > H ? m->shape.width : H);

    for (int i = m->shape.blocks - 1; i >= 0; i--) {
        const struct layer_places *l = &places->layer[i];
        struct gru g = gru_at(m, i);
        struct gru_gradient d = { grad + l->wi, grad + l->wh, grad + l->bi,
                                  grad + l->bh };

        gru_backward(&g, times, &d, dx, in->dh + at,
                     i ? in->layer[i - 1].y + at : in->x + first * m->shape.width,
                     in->layer[i].h + at, in->layer[i].gates + 3 * at,
                     in->layer[i].inner + at, in->scratch + 4 * at);
        if (i > 0)
            drop(t, in->dh + at, dx, in->layer[i - 1].mask, in->row + first, n, H);
    }
}

static void backward(const struct backbone *m, struct backbone_tape *t, real *grad,
                     int from, int to)
{
    const struct places *places = m->places;
    struct inner *in = t->inner;
    struct gru_times times = pack(m, t, from, to);
    int d = m->shape.width, H = m->shape.hidden, n = times.at[times.steps];
    long first = t->start[from], wide = first * d, at = first * H;
    const int *row = in->row + first;
    real *dx = in->dx + first * (d > H ? d : H), *d_out = in->out + wide;

    pack_rows(d_out, t->d_out, row, n, d);
    linear_input_gradient(in->dh + at, d_out, m->p.values + places->dense_w, n, H, d);
    linear_backward(NULL, grad + places->dense_w, grad + places->dense_b, d_out,
                    in->layer[m->shape.blocks - 1].h + at, NULL, n, H, d);
    layers_backward(m, t, &times, grad, from);
    drop(t, dx, dx, in->mask, row, n, d);
    unpack_rows(t, t->d_in, dx, row, n, d, from, to);
}

const struct backbone_kind gru4rec_kind = {
    .title = "GRU4Rec",
    .windows_at_once = 32,
    .represented_at_once = 64,
    .places = sizeof(struct places),
    .inner = sizeof(struct inner),
    .choose = choose,
    .read = read_shape,
    .put = put,
    .plan = plan,
    .init = init,
    .carve = carve_inner,
    .forward = forward,
    .backward = backward,
};

const struct cf_kind cf_gru4rec = {
    .title = "GRU4Rec", .paper = "Hidasi et al. 2016", .sign = "cf.gru.weight_ih_l0",
    .family = &cf_model_windows, .backbone = &gru4rec_kind,
    .options = { "hidden", "layers" },
    .defaults = { "lr=0.002", "epochs=100", "dropout=0.4" },
};
