#include "models/sasrec_tape.h"

#include "util/mem.h"

#include <stdlib.h>

/* Hands out n numbers of the arena, or only counts while memory is NULL. */
struct carver {
    real *memory;
    size_t used;
};

static real *carve(struct carver *c, size_t n)
{
    real *p = c->memory ? c->memory + c->used : NULL;

    c->used += (n + 15) / 16 * 16;
    return p;
}

static void carve_layer(struct carver *c, struct sasrec_layer *l, size_t rows, size_t d,
                        size_t squares)
{
    real **wide[] = { &l->x,  &l->query,  &l->q,     &l->context, &l->y,
                      &l->z,  &l->mask1, &l->active, &l->mask2 };
    real **narrow[] = { &l->mean1, &l->rstd1, &l->mean2, &l->rstd2 };
    real **square[] = { &l->prob, &l->used, &l->mask };

    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        *wide[i] = carve(c, rows * d);
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++)
        *narrow[i] = carve(c, rows);
    for (size_t i = 0; i < sizeof square / sizeof *square; i++)
        *square[i] = carve(c, squares);
    l->kv = carve(c, 2 * rows * d);
}

static void carve_all(struct carver *c, struct sasrec_tape *t, const struct sasrec *m)
{
    struct sasrec_inner *in = t->inner;
    size_t windows = (size_t)in->room, side = (size_t)m->shape.maxlen + 1;
    size_t rows = windows * side, d = (size_t)m->shape.width;
    size_t squares = windows * (size_t)m->shape.heads * side * side;
    real **wide[] = { &t->out,    &t->d_out, &t->d_in, &in->mask,
                      &in->last, &in->a,    &in->b,   &in->c };

    for (int i = 0; i < m->shape.blocks; i++)
        carve_layer(c, &in->layer[i], rows, d, squares);
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        *wide[i] = carve(c, rows * d);
    in->kv = carve(c, 2 * rows * d);
    in->mean = carve(c, rows);
    in->rstd = carve(c, rows);
    in->scratch = carve(c, windows * side * side);
}

void sasrec_tape_new(struct sasrec_tape *t, const struct sasrec *m, int windows)
{
    struct carver c = { 0 };

    *t = (struct sasrec_tape){ .inner = mem_new(1, sizeof *t->inner) };
    t->inner->room = windows;
    t->start = mem_new((size_t)windows + 1, sizeof *t->start);
    carve_all(&c, t, m);
    c.memory = t->inner->memory = mem_new(c.used, sizeof(real));
    c.used = 0;
    carve_all(&c, t, m);
}

void sasrec_tape_free(struct sasrec_tape *t)
{
    if (t->inner)
        free(t->inner->memory);
    free(t->inner);
    free(t->start);
    *t = (struct sasrec_tape){ 0 };
}
