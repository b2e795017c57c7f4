#include "cf/sasrec_tape.h"

static void carve_layer(struct carver *c, struct sasrec_layer *l, size_t rows, size_t d,
                        size_t squares)
{
    real **wide[] = { &l->x,  &l->query,  &l->q,     &l->context, &l->y,
                      &l->z,  &l->mask1, &l->active, &l->mask2 };
    real **narrow[] = { &l->mean1, &l->rstd1, &l->mean2, &l->rstd2 };
    real **square[] = { &l->prob, &l->used, &l->mask };

    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        *wide[i] = backbone_carve(c, rows * d);
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++)
        *narrow[i] = backbone_carve(c, rows);
    for (size_t i = 0; i < sizeof square / sizeof *square; i++)
        *square[i] = backbone_carve(c, squares);
    l->kv = backbone_carve(c, 2 * rows * d);
}

void sasrec_carve(struct carver *c, struct backbone_tape *t, const struct backbone *m)
{
    struct sasrec_inner *in = t->inner;
    size_t windows = (size_t)t->room, side = (size_t)m->shape.maxlen + 1;
    size_t rows = windows * side, d = (size_t)m->shape.width;
    size_t squares = windows * (size_t)m->shape.heads * side * side;
    real **wide[] = { &in->mask, &in->last, &in->a, &in->b, &in->c };

    for (int i = 0; i < m->shape.blocks; i++)
        carve_layer(c, &in->layer[i], rows, d, squares);
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        *wide[i] = backbone_carve(c, rows * d);
    in->kv = backbone_carve(c, 2 * rows * d);
    in->mean = backbone_carve(c, rows);
    in->rstd = backbone_carve(c, rows);
    in->scratch = backbone_carve(c, windows * side * side);
}
