#include "cf/backbone_store.h"

#include "cf/gru4rec.h"
#include "cf/nextitnet.h"
#include "cf/sasrec.h"
#include "nn/params_store.h"
#include "util/error.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define MAKER "cf-train"
#define CONV "cf.residual_blocks.0.conv1.weight"

enum { USUAL_MAXLEN = 50, MOST_MAXLEN = 4096 };

void backbone_put(struct filter *f, const struct backbone *m)
{
    char heads[16], maxlen[16];
    char *dilations = nextitnet_dilations_text(m->shape.dilation, m->shape.blocks);
    struct attr of_sasrec[] = { { "heads", heads }, { NULL, NULL } };
    struct attr of_others[] = { { "maxlen", maxlen },
                                { m->kind == &nextitnet_kind ? "dilations" : NULL,
                                  dilations },
                                { NULL, NULL } };

    snprintf(heads, sizeof heads, "%d", m->shape.heads);
    snprintf(maxlen, sizeof maxlen, "%d", m->shape.maxlen);
    params_put(f, &m->p, "cf.", m->kind == &sasrec_kind ? of_sasrec : of_others);
    free(dilations);
}

/* How many tensors there are by the name with a number from 0 in it. */
static int count_blocks(struct filter *f, const char *format)
{
    char name[96];
    int n = 0;

    for (; n <= BACKBONE_MAX_BLOCKS; n++) {
        snprintf(name, sizeof name, format, n);
        if (!filter_has(f, name))
            break;
    }
    return n;
}

static void sasrec_shape(struct backbone_shape *s, struct filter *f,
                         const struct backbone_hints *hints)
{
    const struct tensor *position =
        filter_tensor_sized(f, "cf.pos_emb.weight", DT_F4, -1, s->width, MAKER);

    if (position->shape[0] > INT_MAX)
        die("'cf.pos_emb.weight' is too large");
    s->maxlen = (int)position->shape[0];
    s->heads = hints->heads;
    if (s->heads == 0)
        s->heads =
            (int)params_attr_number(f, "cf.pos_emb.weight", "heads", 1, INT_MAX, 1);
    s->blocks = count_blocks(f, "cf.attention_layernorms.%d.weight");
}

static int maxlen_of(struct filter *f, const char *name, const struct backbone_hints *hints)
{
    if (hints->maxlen > 0)
        return hints->maxlen;
    return (int)params_attr_number(f, name, "maxlen", 1, MOST_MAXLEN, USUAL_MAXLEN);
}

static void gru4rec_shape(struct backbone_shape *s, struct filter *f,
                          const struct backbone_hints *hints)
{
    const char *name = "cf.gru.weight_hh_l0";
    const struct tensor *own = filter_tensor(f, name, DT_F4, 2, MAKER);

    if (own->shape[1] > INT_MAX)
        die("'%s' is too large", name);
    s->hidden = (int)own->shape[1];
    s->maxlen = maxlen_of(f, name, hints);
    s->blocks = count_blocks(f, "cf.gru.weight_hh_l%d");
}

static void nextitnet_shape(struct backbone_shape *s, struct filter *f,
                            const struct backbone_hints *hints)
{
    const struct tensor *conv = filter_tensor(f, CONV, DT_F4, 3, MAKER);
    const char *text = hints->dilations ? hints->dilations
                                        : filter_attr(f, CONV, "dilations");
    int n;

    if (conv->shape[2] > INT_MAX)
        die("'%s' is too large", CONV);
    s->kernel = (int)conv->shape[2];
    s->maxlen = maxlen_of(f, CONV, hints);
    s->blocks = count_blocks(f, "cf.residual_blocks.%d.conv1.weight");
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

static const struct {
    const struct backbone_kind *kind;
    void (*shape)(struct backbone_shape *s, struct filter *f,
                  const struct backbone_hints *hints);
} kinds[] = {
    { &sasrec_kind, sasrec_shape },
    { &gru4rec_kind, gru4rec_shape },
    { &nextitnet_kind, nextitnet_shape },
};

void backbone_load(struct backbone *m, const struct backbone_kind *kind, struct filter *f,
                   const struct backbone_hints *hints)
{
    const struct tensor *item = filter_tensor(f, "cf.item_emb.weight", DT_F4, 2, MAKER);
    struct backbone_shape s = { 0 };
    struct error e;

    if (item->shape[0] - 1 > INT_MAX || item->shape[1] > INT_MAX)
        die("'cf.item_emb.weight' is too large");
    s.items = (int)item->shape[0] - 1;
    s.width = (int)item->shape[1];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].kind == kind)
            kinds[i].shape(&s, f, hints);
    if (backbone_new(m, kind, s, &e) != 0)
        die("'cf.*': %s", e.text);
    params_load(&m->p, f, "cf.", MAKER, 0);
}
