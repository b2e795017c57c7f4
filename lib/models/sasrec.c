#include "models/sasrec.h"

#include "nn/init.h"

#include <string.h>

static void add_block(struct sasrec *m, int i)
{
    struct sasrec_block *b = &m->block[i];
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

int sasrec_new(struct sasrec *m, struct sasrec_shape shape, struct error *e)
{
    *m = (struct sasrec){ .shape = shape };
    if (shape.items < 1 || shape.items > 1 << 27 || shape.width < 1 ||
        shape.width > 4096 || shape.maxlen < 1 || shape.maxlen > 4096 ||
        shape.blocks < 1 || shape.blocks > SASREC_MAX_BLOCKS)
        return fail(e, "no SASRec can have %d items, width %d, windows of %d, %d blocks",
                    shape.items, shape.width, shape.maxlen, shape.blocks);
    if (shape.heads < 1 || shape.width % shape.heads != 0)
        return fail(e, "width %d is not a multiple of %d heads", shape.width, shape.heads);
    m->pos_emb = params_add(&m->p, 2, shape.maxlen, shape.width, "pos_emb.weight");
    for (int i = 0; i < shape.blocks; i++)
        add_block(m, i);
    m->last_w = params_add(&m->p, 1, shape.width, 1, "last_layernorm.weight");
    m->last_b = params_add(&m->p, 1, shape.width, 1, "last_layernorm.bias");
    m->dense = m->p.size;
    m->item_emb = params_add(&m->p, 2, shape.items + 1, shape.width, "item_emb.weight");
    params_allocate(&m->p);
    return 0;
}

void sasrec_free(struct sasrec *m)
{
    params_free(&m->p);
}

void sasrec_init(struct sasrec *m, uint64_t seed)
{
    for (int i = 0; i < m->p.count; i++) {
        const struct param *t = &m->p.list[i];
        rng r = rng_keyed("cf-train init", seed, (uint64_t)i, 0);
        real *values = m->p.values + t->at;

        if (t->ndim > 1)
            init_xavier_normal(values, t->rows, t->cols, &r);
        else if (strstr(t->name, "layernorm") && strstr(t->name, "weight"))
            init_constant(values, t->rows, 1);
        else if (strstr(t->name, "conv"))
            init_linear(values, t->rows, m->shape.width, &r);
    }
}

const real *sasrec_item(const struct sasrec *m, int item)
{
    return m->p.values + m->item_emb + (item + 1L) * m->shape.width;
}
