#include "models/sasrec_store.h"

#include "util/error.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define MAKER "cf-train"

void sasrec_put(struct filter *f, const struct sasrec *m)
{
    char heads[16], name[96];
    struct attr attrs[] = { { "heads", heads }, { NULL, NULL } };

    snprintf(heads, sizeof heads, "%d", m->shape.heads);
    for (int i = 0; i < m->p.count; i++) {
        const struct param *p = &m->p.list[i];
        int64_t shape[3] = { p->rows, p->cols, 1 };
        struct tensor t = tensor_new(DT_F4, p->ndim, shape);
        float *to = t.data;

        for (long j = 0; j < params_length(p); j++)
            to[j] = (float)m->p.values[p->at + j];
        snprintf(name, sizeof name, "cf.%s", p->name);
        filter_put(f, name, &t, attrs);
        tensor_free(&t);
    }
}

static int heads_in_stream(struct filter *f)
{
    const char *text = filter_attr(f, "cf.pos_emb.weight", "heads");
    char *end;
    long heads;

    if (!text)
        return 1;
    heads = strtol(text, &end, 10);
    if (*end || heads < 1 || heads > INT_MAX)
        die("'cf.pos_emb.weight' says heads '%s', expected a number from 1", text);
    return (int)heads;
}

static struct sasrec_shape shape_in_stream(struct filter *f, int heads)
{
    const struct tensor *item = filter_tensor(f, "cf.item_emb.weight", DT_F4, 2, MAKER);
    const struct tensor *position =
        filter_tensor_sized(f, "cf.pos_emb.weight", DT_F4, -1, item->shape[1], MAKER);
    struct sasrec_shape s = { .heads = heads ? heads : heads_in_stream(f) };
    char name[96];

    if (item->shape[0] - 1 > INT_MAX || item->shape[1] > INT_MAX ||
        position->shape[0] > INT_MAX)
        die("'cf.item_emb.weight' or 'cf.pos_emb.weight' is too large");
    s.items = (int)item->shape[0] - 1;
    s.width = (int)item->shape[1];
    s.maxlen = (int)position->shape[0];
    for (; s.blocks <= SASREC_MAX_BLOCKS; s.blocks++) {
        snprintf(name, sizeof name, "cf.attention_layernorms.%d.weight", s.blocks);
        if (!filter_has(f, name))
            break;
    }
    return s;
}

static void load_param(struct sasrec *m, struct filter *f, const struct param *p)
{
    int64_t want[TENSOR_DIMS] = { p->rows, p->cols, 1 };
    struct tensor expected = { .type = DT_F4, .dims = p->ndim };
    const struct tensor *t;
    const float *from;
    char name[96], a[128], b[128];

    snprintf(name, sizeof name, "cf.%s", p->name);
    t = filter_tensor(f, name, DT_F4, p->ndim, MAKER);
    memcpy(expected.shape, want, (size_t)p->ndim * sizeof *want);
    if (memcmp(t->shape, want, (size_t)p->ndim * sizeof *want) != 0)
        die("'%s' has shape %s, expected %s", name, tensor_shape_text(t, a, sizeof a),
            tensor_shape_text(&expected, b, sizeof b));
    from = t->data;
    for (long j = 0; j < params_length(p); j++) {
        if (!isfinite(from[j]))
            die("'%s': number %ld is not finite", name, j);
        m->p.values[p->at + j] = (real)from[j];
    }
}

void sasrec_load(struct sasrec *m, struct filter *f, int heads)
{
    struct error e;

    if (sasrec_new(m, shape_in_stream(f, heads), &e) != 0)
        die("'cf.*': %s", e.text);
    for (int i = 0; i < m->p.count; i++)
        load_param(m, f, &m->p.list[i]);
}

void sasrec_digest(const struct sasrec *m, char text[DIGEST_TEXT])
{
    digest_text(XXH3_64bits(m->p.values, (size_t)m->p.size * sizeof(real)), text);
}
