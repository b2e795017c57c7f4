#include "cf/sasrec.h"

#include "cf/sasrec_tape.h"
#include "nn/init.h"

#include <string.h>

static void add_block(struct backbone *m, struct sasrec_places *places, int i)
{
    struct sasrec_block *b = &places->block[i];
    struct params *p = &m->p;
    int d = m->shape.width;

    b->norm1_w = params_add(p, 1, d, 1, "attention_layernorms.%d.weight", i);
    b->norm1_b = params_add(p, 1, d, 1, "attention_layernorms.%d.bias", i);
    b->in_w = params_add(p, 2, 3 * d, d, "attention_layers.%d.in_proj_weight", i);
    b->in_b = params_add(p, 1, 3 * d, 1, "attention_layers.%d.in_proj_bias", i);
    b->out_w = params_add(p, 2, d, d, "attention_layers.%d.out_proj.weight", i);
    b->out_b = params_add(p, 1, d, 1, "attention_layers.%d.out_proj.bias", i);
    b->norm2_w = params_add(p, 1, d, 1, "forward_layernorms.%d.weight", i);
    b->norm2_b = params_add(p, 1, d, 1, "forward_layernorms.%d.bias", i);
    b->conv1_w = params_add(p, 3, d, d, "forward_layers.%d.conv1.weight", i);
    b->conv1_b = params_add(p, 1, d, 1, "forward_layers.%d.conv1.bias", i);
    b->conv2_w = params_add(p, 3, d, d, "forward_layers.%d.conv2.weight", i);
    b->conv2_b = params_add(p, 1, d, 1, "forward_layers.%d.conv2.bias", i);
}

static int plan(struct backbone *m, struct error *e)
{
    struct sasrec_places *places = m->places;
    const struct backbone_shape *s = &m->shape;

    if (s->heads < 1 || s->width % s->heads != 0)
        return fail(e, "width %d is not a multiple of %d heads", s->width, s->heads);
    places->pos_emb = params_add(&m->p, 2, s->maxlen, s->width, "pos_emb.weight");
    for (int i = 0; i < s->blocks; i++)
        add_block(m, places, i);
    places->last_w = params_add(&m->p, 1, s->width, 1, "last_layernorm.weight");
    places->last_b = params_add(&m->p, 1, s->width, 1, "last_layernorm.bias");
    return 0;
}

static bool init(const struct backbone *m, const struct param *t, real *values, rng *r)
{
    if (t->ndim > 1)
        return false;
    if (strstr(t->name, "layernorm") && strstr(t->name, "weight"))
        init_constant(values, t->rows, 1);
    else if (strstr(t->name, "conv"))
        init_linear(values, t->rows, m->shape.width, r);
    return true;
}

const struct backbone_kind sasrec_kind = {
    .title = "SASRec",
    .windows_at_once = 8,
    .represented_at_once = 32,
    .places = sizeof(struct sasrec_places),
    .inner = sizeof(struct sasrec_inner),
    .plan = plan,
    .init = init,
    .carve = sasrec_carve,
    .forward = sasrec_forward,
    .backward = sasrec_backward,
    .represent = sasrec_represent,
};
