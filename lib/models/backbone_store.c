#include "models/backbone_store.h"

#include "models/params_store.h"
#include "models/sasrec.h"
#include "util/error.h"

#include <limits.h>
#include <stdio.h>

#define MAKER "cf-train"

void backbone_put(struct filter *f, const struct backbone *m)
{
    char heads[16];
    struct attr attrs[] = { { "heads", heads }, { NULL, NULL } };

    snprintf(heads, sizeof heads, "%d", m->shape.heads);
    params_put(f, &m->p, "cf.", attrs);
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
        s->heads = (int)attr_number(f, "cf.pos_emb.weight", "heads", 1, INT_MAX, 1);
    s->blocks = count_blocks(f, "cf.attention_layernorms.%d.weight");
}

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
    if (kind == &sasrec_kind)
        sasrec_shape(&s, f, hints);
    if (backbone_new(m, kind, s, &e) != 0)
        die("'cf.*': %s", e.text);
    params_load(&m->p, f, "cf.", MAKER);
}
