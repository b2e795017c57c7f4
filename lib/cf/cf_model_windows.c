/* Sequence models: a user's vector is the representation of a window. */
#include "cf/cf_kind.h"

#include "cf/gru4rec.h"
#include "cf/nextitnet.h"
#include "cf/sasrec.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

static void load(struct cf_model *m, struct filter *f, const struct history *h,
                 const struct backbone_hints *hints)
{
    backbone_load(&m->backbone, m->kind->backbone, f, hints);
    m->items = m->backbone.shape.items;
    cf_kind_expect(f, "cf.item_emb.weight", m->items, h->items, "item");
    m->width = m->backbone.shape.width;
}

static void release(struct cf_model *m)
{
    backbone_free(&m->backbone);
}

static void put(struct filter *f, const struct cf_model *m)
{
    backbone_put(f, &m->backbone);
}

static struct params *params(struct cf_model *m)
{
    return &m->backbone.p;
}

static void item_vector(const struct cf_model *m, real *x, int item)
{
    memcpy(x, backbone_item(&m->backbone, item), (size_t)m->width * sizeof *x);
}

static const real *table(const struct cf_model *m)
{
    return backbone_item(&m->backbone, 0);
}

static void represent(const struct cf_model *m, const struct history *h, real *x,
                      const struct cf_position *p, long n)
{
    int maxlen = m->backbone.shape.maxlen;
    int32_t *window = mem_new((size_t)n * (size_t)maxlen, sizeof *window);
    int *length = mem_new((size_t)n, sizeof *length);

    for (long i = 0; i < n; i++)
        if (p[i].end >= 0)
            length[i] = cf_kind_known(m, window + i * maxlen,
                                       history_window(h, p[i].user, p[i].end, p[i].split,
                                                      maxlen, window + i * maxlen));
    backbone_represent(&m->backbone, x, window, length, n);
    free(window);
    free(length);
}

#define KIND(tensor, kind)                                                             \
    {                                                                                  \
        .sign = (tensor), .backbone = &(kind), .load = load, .free = release,          \
        .put = put, .params = params, .item = item_vector, .represent = represent,     \
        .table = table                                                                 \
    }

const struct cf_kind cf_sasrec = KIND("cf.pos_emb.weight", sasrec_kind);
const struct cf_kind cf_gru4rec = KIND("cf.gru.weight_ih_l0", gru4rec_kind);
const struct cf_kind cf_nextitnet =
    KIND("cf.residual_blocks.0.conv1.weight", nextitnet_kind);
