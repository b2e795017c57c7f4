#include "cf/nextitnet.h"

#include "cf/cf_kind.h"
#include "cf/cf_trainer.h"
#include "nn/activation.h"
#include "nn/dilated_conv.h"
#include "nn/dropout.h"
#include "nn/init.h"
#include "nn/layernorm.h"
#include "nn/linear.h"
#include "util/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EPS ((real)1e-8) /* of every layer norm */
#define CONV "cf.residual_blocks.0.conv1.weight"

enum { MAX_TAPS = 64, MAX_DILATION = 4096 };

struct conv_places {
    long w, b, norm_w, norm_b;
};

struct places {
    struct conv_places conv[BACKBONE_MAX_BLOCKS][2];
    long final_w, final_b;
};

/* What a convolution keeps of its rows: LN's input and statistics, and the output. */
struct conv_tape {
    real *z, *mean, *rstd, *y; /* (R, d), (R), (R), (R, d) */
};

struct inner {
    real *x[BACKBONE_MAX_BLOCKS + 1];    /* (R, d): each block's input, the last output */
    real *mask[BACKBONE_MAX_BLOCKS + 1]; /* (R, d) of the embeddings and the blocks */
    struct conv_tape conv[BACKBONE_MAX_BLOCKS][2];
    real *columns, *dx, *dy, *dz; /* (R, taps d), (R, d) x 3 */
    real *packed, *dpacked;       /* (d, taps d) */
};

int nextitnet_dilations(int *dilation, const char *text)
{
    int n = 0;

    for (const char *at = text;; at++) {
        char *end;
        long number = *at >= '0' && *at <= '9' ? strtol(at, &end, 10) : 0;

        if (number < 1 || number > MAX_DILATION || n == BACKBONE_MAX_BLOCKS)
            return -1;
        dilation[n++] = (int)number;
        if (!*end)
            return n;
        if (*end != ',')
            return -1;
        at = end;
    }
}

char *nextitnet_dilations_text(const int *dilation, int blocks)
{
    char text[BACKBONE_MAX_BLOCKS * 12] = "";

    for (int i = 0; i < blocks; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d", i ? "," : "",
                 dilation[i]);
    return mem_string(text);
}

static void choose(struct backbone_shape *s, const struct cf_options *o)
{
    s->blocks = nextitnet_dilations(s->dilation, o->dilations);
    s->kernel = o->kernel;
}

/* Dilations of the hints, else of the stream, else 1,4,1,4 and so on. */
static void read_shape(struct backbone_shape *s, struct filter *f,
                       const struct backbone_hints *hints)
{
    const char *text;
    int n;

    s->kernel = backbone_store_side(f, CONV, 3, 2);
    text = hints->dilations ? hints->dilations : filter_attr(f, CONV, "dilations");
    s->maxlen = backbone_store_maxlen(f, CONV, hints);
    s->blocks = backbone_store_count(f, "cf.residual_blocks.%d.conv1.weight");
    for (int i = 0; i < BACKBONE_MAX_BLOCKS; i++)
        s->dilation[i] = i % 2 ? 4 : 1;
    if (!text)
        return;
    n = nextitnet_dilations(s->dilation, text);
    if (n < 0)
        die("'%s' says dilations '%s', expected numbers such as 1,4", CONV, text);
    if (n != s->blocks)
        die("'cf.*' has %d residual blocks, expected %d, for dilations %s", s->blocks, n,
            text);
}

static void put(struct filter *f, const struct backbone *m)
{
    char *text = nextitnet_dilations_text(m->shape.dilation, m->shape.blocks);

    backbone_store_put(f, m, "dilations", text);
    free(text);
}

static int plan(struct backbone *m, struct error *e)
{
    const struct backbone_shape *s = &m->shape;
    struct places *places = m->places;
    int d = s->width;

    if (s->kernel < 1 || s->kernel > MAX_TAPS)
        return fail(e, "no NextItNet can have convolutions of %d items", s->kernel);
    for (int i = 0; i < s->blocks; i++)
        for (int k = 0; k < 2; k++) {
            struct conv_places *c = &places->conv[i][k];

            if (s->dilation[i] < 1 || s->dilation[i] > MAX_DILATION)
                return fail(e, "no NextItNet can have a dilation of %d", s->dilation[i]);
            c->w = params_add_taps(&m->p, d, d, s->kernel,
                                   "residual_blocks.%d.conv%d.weight", i, k + 1);
            c->b = params_add(&m->p, 1, d, 1, "residual_blocks.%d.conv%d.bias", i, k + 1);
            c->norm_w =
                params_add(&m->p, 1, d, 1, "residual_blocks.%d.ln%d.weight", i, k + 1);
            c->norm_b =
                params_add(&m->p, 1, d, 1, "residual_blocks.%d.ln%d.bias", i, k + 1);
        }
    places->final_w = params_add(&m->p, 2, d, d, "final_layer.weight");
    places->final_b = params_add(&m->p, 1, d, 1, "final_layer.bias");
    return 0;
}

/* torch's Conv1d; norms 1 and 0; the linear map xavier-normal. */
static bool init(const struct backbone *m, const struct param *t, real *values, rng *r)
{
    if (strstr(t->name, ".conv"))
        init_linear(values, params_length(t), m->shape.width * m->shape.kernel, r);
    else if (strstr(t->name, ".ln") && strstr(t->name, ".weight"))
        init_constant(values, t->rows, 1);
    else
        return false;
    return true;
}

static void carve_inner(struct carver *c, struct backbone_tape *t,
                        const struct backbone *m)
{
    struct inner *in = t->inner;
    size_t rows = (size_t)t->room * ((size_t)m->shape.maxlen + 1);
    size_t d = (size_t)m->shape.width, taps = (size_t)m->shape.kernel;
    real **wide[] = { &in->dx, &in->dy, &in->dz };

    for (int i = 0; i <= m->shape.blocks; i++) {
        in->x[i] = backbone_carve(c, rows * d);
        in->mask[i] = backbone_carve(c, rows * d);
        for (int k = 0; k < 2 && i < m->shape.blocks; k++)
            in->conv[i][k] =
                (struct conv_tape){ backbone_carve(c, rows * d), backbone_carve(c, rows),
                                    backbone_carve(c, rows),
                                    backbone_carve(c, rows * d) };
    }
    for (int i = 0; i < 3; i++)
        *wide[i] = backbone_carve(c, rows * d);
    in->columns = backbone_carve(c, rows * taps * d);
    in->packed = backbone_carve(c, d * taps * d);
    in->dpacked = backbone_carve(c, d * taps * d);
}

static void draw_masks(const struct backbone *m, const struct backbone_tape *t, int w)
{
    struct inner *in = t->inner;
    rng r = backbone_mask_rng(t, w);
    long d = m->shape.width, at = t->start[w] * d;

    for (int i = 0; i <= m->shape.blocks; i++)
        dropout_mask(in->mask[i] + at, (t->length[w] + 1) * d, t->dropout, &r);
}

/* The rows of a call. */
struct rows {
    int from, to, first, n; /* windows; rows */
    int d, taps;
    long at;                /* first d */
    real *columns, *packed, *dpacked;
};

static struct rows rows_of(const struct backbone *m, const struct backbone_tape *t,
                           int from, int to)
{
    const struct inner *in = t->inner;
    int first = t->start[from], d = m->shape.width, taps = m->shape.kernel;

    return (struct rows){ from, to, first, t->start[to] - first, d, taps, (long)first * d,
                          in->columns, in->packed, in->dpacked };
}

static void make_columns(const struct backbone_tape *t, const struct rows *r,
                         const real *x, int dilation)
{
    int wide = r->taps * r->d;

    backbone_zero_first(t, r->columns, wide, r->first, r->from, r->to);
    for (int w = r->from; w < r->to; w++) {
        long row = t->start[w] + 1 - r->first;

        dilated_conv_columns(r->columns + row * wide, x + row * r->d, t->length[w], r->d,
                             r->taps, dilation);
    }
}

/* c's y = ReLU(LN(conv x)); x is at the call's first row. */
static void conv_forward(const struct backbone *m, const struct backbone_tape *t,
                         const struct rows *r, const struct conv_tape *c,
                         const struct conv_places *at, const real *x, int dilation)
{
    const real *p = m->p.values;

    make_columns(t, r, x, dilation);
    dilated_conv_pack(r->packed, p + at->w, r->d, r->d, r->taps);
    linear_forward(c->z + r->at, r->columns, r->packed, p + at->b, r->n, r->taps * r->d,
                   r->d);
    layernorm_forward(c->y + r->at, c->mean + r->first, c->rstd + r->first, c->z + r->at,
                      p + at->norm_w, p + at->norm_b, r->n, r->d, EPS);
    relu_forward(c->y + r->at, c->y + r->at, (long)r->n * r->d);
}

/* From dy (n, d), the gradient of y, which it changes: adds to dx and to grad. */
static void conv_backward(const struct backbone *m, struct backbone_tape *t,
                          const struct rows *r, const struct conv_tape *c,
                          const struct conv_places *at, real *grad, real *dx, real *dy,
                          const real *x, int dilation)
{
    struct inner *in = t->inner;
    real *dz = in->dz + r->at;
    const real *p = m->p.values, *y = c->y + r->at;
    long count = (long)r->n * r->d, matrix = (long)r->d * r->taps * r->d;
    int wide = r->taps * r->d;

    for (long i = 0; i < count; i++)
        dy[i] = y[i] > 0 ? dy[i] : 0;
    backbone_zero_first(t, dy, r->d, r->first, r->from, r->to);
    memset(dz, 0, (size_t)count * sizeof *dz);
    layernorm_backward(dz, grad + at->norm_w, grad + at->norm_b, dy, c->z + r->at,
                       p + at->norm_w, c->mean + r->first, c->rstd + r->first, r->n,
                       r->d);
    make_columns(t, r, x, dilation);
    memset(r->dpacked, 0, (size_t)matrix * sizeof *r->dpacked);
    linear_backward(NULL, r->dpacked, grad + at->b, dz, r->columns, NULL, r->n, wide,
                    r->d);
    dilated_conv_pack_backward(grad + at->w, r->dpacked, r->d, r->d, r->taps);
    dilated_conv_pack(r->packed, p + at->w, r->d, r->d, r->taps);
    linear_input_gradient(r->columns, dz, r->packed, r->n, wide, r->d);
    for (int w = r->from; w < r->to; w++) {
        long row = t->start[w] + 1 - r->first;

        dilated_conv_columns_backward(dx + row * r->d, r->columns + row * wide,
                                      t->length[w], r->d, r->taps, dilation);
    }
}

static void embed(const struct backbone *m, struct backbone_tape *t, const struct rows *r)
{
    struct inner *in = t->inner;

    backbone_zero_first(t, in->x[0], r->d, 0, r->from, r->to);
    for (int w = r->from; w < r->to; w++) {
        for (int i = 0; i < t->length[w]; i++)
            backbone_embed(m, t, in->x[0] + (t->start[w] + i + 1L) * r->d, w, i);
        if (t->dropout > 0)
            draw_masks(m, t, w);
    }
    if (t->dropout > 0)
        dropout_forward(in->x[0] + r->at, in->x[0] + r->at, in->mask[0] + r->at,
                        (long)r->n * r->d);
}

static void add(real *y, const real *x, const real *more, const real *mask, long n)
{
    if (mask)
        dropout_onto(y, x, more, mask, n);
    else
        for (long i = 0; i < n; i++)
            y[i] = x[i] + more[i];
}

static void forward(const struct backbone *m, struct backbone_tape *t, int from, int to)
{
    const struct places *places = m->places;
    struct rows r = rows_of(m, t, from, to);
    struct inner *in = t->inner;
    int last = m->shape.blocks;

    embed(m, t, &r);
    for (int i = 0; i < last; i++) {
        const struct conv_tape *c = in->conv[i];
        int dilation = m->shape.dilation[i];

        conv_forward(m, t, &r, &c[0], &places->conv[i][0], in->x[i] + r.at, dilation);
        conv_forward(m, t, &r, &c[1], &places->conv[i][1], c[0].y + r.at, 2 * dilation);
        add(in->x[i + 1] + r.at, in->x[i] + r.at, c[1].y + r.at,
            t->dropout > 0 ? in->mask[i + 1] + r.at : NULL, (long)r.n * r.d);
    }
    linear_forward(t->out + r.at, in->x[last] + r.at, m->p.values + places->final_w,
                   m->p.values + places->final_b, r.n, r.d, r.d);
}

/* dx, the gradient of the block's output, becomes that of its input. */
static void block_backward(const struct backbone *m, struct backbone_tape *t,
                           const struct rows *r, int i, real *grad, real *dx, real *dy)
{
    const struct places *places = m->places;
    struct inner *in = t->inner;
    const struct conv_tape *c = in->conv[i];
    size_t bytes = (size_t)r->n * (size_t)r->d * sizeof(real);
    real *dlast = t->out + r->at; /* forward's, no longer needed */

    if (t->dropout > 0)
        dropout_forward(dlast, dx, in->mask[i + 1] + r->at, (long)r->n * r->d);
    else
        memcpy(dlast, dx, bytes);
    memset(dy, 0, bytes);
    conv_backward(m, t, r, &c[1], &places->conv[i][1], grad, dy, dlast, c[0].y + r->at,
                  2 * m->shape.dilation[i]);
    conv_backward(m, t, r, &c[0], &places->conv[i][0], grad, dx, dy, in->x[i] + r->at,
                  m->shape.dilation[i]);
}

static void backward(const struct backbone *m, struct backbone_tape *t, real *grad,
                     int from, int to)
{
    const struct places *places = m->places;
    struct rows r = rows_of(m, t, from, to);
    struct inner *in = t->inner;
    real *dx = in->dx + r.at, *dy = in->dy + r.at;
    long count = (long)r.n * r.d;

    backbone_zero_first(t, t->d_out, r.d, 0, from, to);
    linear_input_gradient(dx, t->d_out + r.at, m->p.values + places->final_w, r.n, r.d,
                          r.d);
    linear_backward(NULL, grad + places->final_w, grad + places->final_b, t->d_out + r.at,
                    in->x[m->shape.blocks] + r.at, NULL, r.n, r.d, r.d);
    for (int i = m->shape.blocks - 1; i >= 0; i--)
        block_backward(m, t, &r, i, grad, dx, dy);
    if (t->dropout > 0)
        dropout_forward(t->d_in + r.at, dx, in->mask[0] + r.at, count);
    else
        memcpy(t->d_in + r.at, dx, (size_t)count * sizeof *dx);
}

const struct backbone_kind nextitnet_kind = {
    .title = "NextItNet",
    .windows_at_once = 8,
    .represented_at_once = 32,
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

static int check(const struct cf_options *o, struct error *e)
{
    int dilation[BACKBONE_MAX_BLOCKS];

    if (nextitnet_dilations(dilation, o->dilations) < 0)
        return fail(e, "--dilations: '%s' is no list such as 1,4 of at most %d numbers",
                    o->dilations, BACKBONE_MAX_BLOCKS);
    return 0;
}

const struct cf_kind cf_nextitnet = {
    .title = "NextItNet", .paper = "Yuan et al. 2019", .sign = CONV,
    .family = &cf_model_windows, .backbone = &nextitnet_kind,
    .options = { "dilations", "kernel" }, .defaults = { "lr=0.002", "epochs=80" },
    .check = check,
};
