#include "cf/sasrec.h"

#include "cf/cf_kind.h"
#include "cf/cf_trainer.h"
#include "cf/sasrec_tape.h"
#include "nn/init.h"
#include "nn/params_store.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define POSITIONS "cf.pos_emb.weight"

static void choose(struct backbone_shape *s, const struct cf_options *o)
{
    s->blocks = o->blocks;
    s->heads = o->heads;
}

static void read_shape(struct backbone_shape *s, struct filter *f,
                       const struct backbone_hints *hints)
{
    filter_tensor_sized(f, POSITIONS, DT_F4, -1, s->width, "cf-train");
    s->maxlen = backbone_store_side(f, POSITIONS, 2, 0);
    s->heads = hints->heads;
    if (s->heads == 0)
        s->heads = (int)params_attr_number(f, POSITIONS, "heads", 1, INT_MAX, 1);
    s->blocks = backbone_store_count(f, "cf.attention_layernorms.%d.weight");
}

static void put(struct filter *f, const struct backbone *m)
{
    char heads[16];
    struct attr attrs[] = { { "heads", heads }, { NULL, NULL } };

    snprintf(heads, sizeof heads, "%d", m->shape.heads);
    params_put(f, &m->p, "cf.", attrs);
}

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
    .choose = choose,
    .read = read_shape,
    .put = put,
    .plan = plan,
    .init = init,
    .carve = sasrec_carve,
    .forward = sasrec_forward,
    .backward = sasrec_backward,
    .represent = sasrec_represent,
};

static int check(const struct cf_options *o, struct error *e)
{
    if (o->width % o->heads != 0)
        return fail(e, "--heads: %d does not divide --dim %d", o->heads, o->width);
    return 0;
}

const struct cf_kind cf_sasrec = {
    .title = "SASRec", .paper = "Kang and McAuley 2018", .sign = POSITIONS,
    .family = &cf_model_windows, .backbone = &sasrec_kind,
    .options = { "blocks", "heads" }, .check = check,
};
