#include "cf/backbone_store.h"

#include "nn/params_store.h"
#include "util/error.h"

#include <limits.h>
#include <stdio.h>

#define MAKER "cf-train"

enum { USUAL_MAXLEN = 50, MOST_MAXLEN = 4096 };

int backbone_store_count(struct filter *f, const char *format)
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

int backbone_store_side(struct filter *f, const char *name, int ndim, int dim)
{
    const struct tensor *t = filter_tensor(f, name, DT_F4, ndim, MAKER);

    if (t->shape[dim] > INT_MAX)
        die("'%s' is too large", name);
    return (int)t->shape[dim];
}

int backbone_store_maxlen(struct filter *f, const char *name,
                          const struct backbone_hints *hints)
{
    if (hints->maxlen > 0)
        return hints->maxlen;
    return (int)params_attr_number(f, name, "maxlen", 1, MOST_MAXLEN, USUAL_MAXLEN);
}

void backbone_store_put(struct filter *f, const struct backbone *m, const char *key,
                        const char *value)
{
    char maxlen[16];
    struct attr attrs[] = { { "maxlen", maxlen }, { key, value }, { NULL, NULL } };

    snprintf(maxlen, sizeof maxlen, "%d", m->shape.maxlen);
    params_put(f, &m->p, "cf.", attrs);
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
    kind->read(&s, f, hints);
    if (backbone_new(m, kind, s, &e) != 0)
        die("'cf.*': %s", e.text);
    params_load(&m->p, f, "cf.", MAKER, 0);
}
