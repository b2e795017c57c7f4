#include "cf/backbone.h"

#include "nn/init.h"
#include "util/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int backbone_new(struct backbone *m, const struct backbone_kind *kind,
                 struct backbone_shape s, struct error *e)
{
    *m = (struct backbone){ .kind = kind, .shape = s };
    if (s.items < 1 || s.items > 1 << 27 || s.width < 1 || s.width > 4096 ||
        s.maxlen < 1 || s.maxlen > 4096 || s.blocks < 1 || s.blocks > BACKBONE_MAX_BLOCKS)
        return fail(e, "no %s can have %d items, width %d, windows of %d, %d blocks",
                    kind->title, s.items, s.width, s.maxlen, s.blocks);
    m->places = mem_new(1, kind->places);
    if (kind->plan(m, e) != 0)
        return -1;
    m->dense = m->p.size;
    m->item_emb = params_add(&m->p, 2, s.items + 1, s.width, "item_emb.weight");
    params_allocate(&m->p);
    return 0;
}

void backbone_free(struct backbone *m)
{
    params_free(&m->p);
    free(m->places);
    m->places = NULL;
}

void backbone_init(struct backbone *m, uint64_t seed)
{
    for (int i = 0; i < m->p.count; i++) {
        const struct param *t = &m->p.list[i];
        rng r = rng_keyed("cf-train init", seed, (uint64_t)i, 0);
        real *values = m->p.values + t->at;

        if (!m->kind->init(m, t, values, &r) && t->ndim > 1)
            init_xavier_normal(values, t->rows, t->cols, &r);
    }
}

const real *backbone_item(const struct backbone *m, int item)
{
    return m->p.values + m->item_emb + (item + 1L) * m->shape.width;
}

real *backbone_carve(struct carver *c, size_t n)
{
    real *p = c->memory ? c->memory + c->used : NULL;

    c->used += (n + 15) / 16 * 16;
    return p;
}

static void carve_all(struct carver *c, struct backbone_tape *t, const struct backbone *m)
{
    size_t rows = (size_t)t->room * ((size_t)m->shape.maxlen + 1);
    size_t numbers = rows * (size_t)m->shape.width;

    m->kind->carve(c, t, m);
    t->out = backbone_carve(c, numbers);
    t->d_out = backbone_carve(c, numbers);
    t->d_in = backbone_carve(c, numbers);
}

void backbone_tape_new(struct backbone_tape *t, const struct backbone *m, int windows)
{
    struct carver c = { 0 };

    *t = (struct backbone_tape){ .room = windows, .model = m,
                               .inner = mem_new(1, m->kind->inner) };
    t->start = mem_new((size_t)windows + 1, sizeof *t->start);
    carve_all(&c, t, m);
    c.memory = t->memory = mem_new(c.used, sizeof(real));
    c.used = 0;
    carve_all(&c, t, m);
}

void backbone_tape_free(struct backbone_tape *t)
{
    free(t->memory);
    free(t->inner);
    free(t->start);
    *t = (struct backbone_tape){ 0 };
}

void backbone_tape_batch(struct backbone_tape *t, const int32_t *item, const int *length,
                         int windows, double dropout, uint64_t seed, uint64_t step)
{
    assert(windows <= t->room);
    t->item = item;
    t->length = length;
    t->windows = windows;
    for (int w = 0; w < windows; w++) {
        assert(length[w] >= 1 && length[w] <= t->model->shape.maxlen);
        t->start[w + 1] = t->start[w] + length[w] + 1;
    }
    t->rows = t->start[windows];
    t->dropout = dropout;
    t->seed = seed;
    t->step = step;
}

rng backbone_mask_rng(const struct backbone_tape *t, int window)
{
    return rng_keyed("cf-train dropout", t->seed, t->step, (uint64_t)(t->first + window));
}

void backbone_zero_first(const struct backbone_tape *t, real *x, int width, int first,
                         int from, int to)
{
    for (int w = from; w < to; w++)
        memset(x + (long)(t->start[w] - first) * width, 0, (size_t)width * sizeof *x);
}

void backbone_embed(const struct backbone *m, const struct backbone_tape *t, real *x,
                    int window, int i)
{
    memcpy(x, backbone_item(m, t->item[(long)window * m->shape.maxlen + i]),
           (size_t)m->shape.width * sizeof *x);
}

void backbone_forward(const struct backbone *m, struct backbone_tape *t, int from, int to)
{
    m->kind->forward(m, t, from, to);
}

void backbone_backward(const struct backbone *m, struct backbone_tape *t, real *dense,
                       int from, int to)
{
    m->kind->backward(m, t, dense, from, to);
}

/* t->out's first rows: one for each window. */
static void represent_batch(const struct backbone *m, struct backbone_tape *t)
{
    size_t d = (size_t)m->shape.width;

    if (m->kind->represent) {
        m->kind->represent(m, t);
        return;
    }
    m->kind->forward(m, t, 0, t->windows);
    for (int w = 0; w < t->windows; w++)
        memmove(t->out + (size_t)w * d, t->out + (size_t)(t->start[w + 1] - 1) * d,
                d * sizeof *t->out);
}

/* Windows first .. first + n - 1 of which some may be empty. */
static void represent_some(const struct backbone *m, struct backbone_tape *t, real *out,
                           const int32_t *item, const int *length, int n)
{
    int32_t *full = mem_new((size_t)n * (size_t)m->shape.maxlen, sizeof *full);
    int *lengths = mem_new(2 * (size_t)n, sizeof *lengths), *place = lengths + n;
    int d = m->shape.width, maxlen = m->shape.maxlen, windows = 0;

    for (int i = 0; i < n; i++) {
        for (int j = 0; j < d; j++)
            out[(long)i * d + j] = (real)NAN;
        if (length[i] == 0)
            continue;
        memcpy(full + (long)windows * maxlen, item + (long)i * maxlen,
               (size_t)length[i] * sizeof *full);
        place[windows] = i;
        lengths[windows++] = length[i];
    }
    backbone_tape_batch(t, full, lengths, windows, 0, 0, 0);
    if (windows > 0)
        represent_batch(m, t);
    for (int w = 0; w < windows; w++)
        memcpy(out + (long)place[w] * d, t->out + (long)w * d, (size_t)d * sizeof *out);
    free(full);
    free(lengths);
}

void backbone_represent(const struct backbone *m, real *out, const int32_t *item,
                        const int *length, long n)
{
    const int at_once = m->kind->represented_at_once;

#pragma omp parallel
    {
        struct backbone_tape t;

        backbone_tape_new(&t, m, at_once);
#pragma omp for schedule(dynamic)
        for (long from = 0; from < n; from += at_once) {
            long left = n - from;

            represent_some(m, &t, out + from * m->shape.width,
                           item + from * m->shape.maxlen, length + from,
                           (int)(left < at_once ? left : at_once));
        }
        backbone_tape_free(&t);
    }
}
