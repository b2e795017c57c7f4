#include "nn/params_store.h"

#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { NAME = 128 };

/* The tensor's values: floats are borrowed, so that a large table is not there twice, and
 * doubles are rounded. */
static struct tensor floats_of(const struct params *p, const struct param *t)
{
    int64_t shape[3] = { t->rows, t->cols / t->last, t->last };
    real *from = p->values + t->at;
    struct tensor out = { .type = DT_F4, .dims = t->ndim, .data = from };
    float *to;

    memcpy(out.shape, shape, sizeof shape);
    if (sizeof(real) == sizeof(float))
        return out;
    out = tensor_new(DT_F4, t->ndim, shape);
    to = out.data;
    for (long j = 0; j < params_length(t); j++)
        to[j] = (float)from[j];
    return out;
}

void params_put(struct filter *f, const struct params *p, const char *prefix,
                const struct attr *attrs)
{
    char name[NAME];

    for (int i = 0; i < p->count; i++) {
        const struct param *t = &p->list[i];
        struct tensor out = floats_of(p, t);

        snprintf(name, sizeof name, "%s%s", prefix, t->name);
        filter_put(f, name, &out, attrs);
        if (out.data != p->values + t->at)
            tensor_free(&out);
    }
}

static void load(struct params *p, struct filter *f, const struct param *t,
                 const char *name, const char *maker)
{
    int64_t want[TENSOR_DIMS] = { t->rows, t->cols / t->last, t->last };
    struct tensor expected = { .type = DT_F4, .dims = t->ndim };
    const struct tensor *in = filter_tensor(f, name, DT_F4, t->ndim, maker);
    const float *from = in->data;
    char a[128], b[128];

    memcpy(expected.shape, want, (size_t)t->ndim * sizeof *want);
    if (memcmp(in->shape, want, (size_t)t->ndim * sizeof *want) != 0)
        die("'%s' has shape %s, expected %s", name, tensor_shape_text(in, a, sizeof a),
            tensor_shape_text(&expected, b, sizeof b));
    for (long j = 0; j < params_length(t); j++)
        p->values[t->at + j] = (real)from[j];
}

void params_load(struct params *p, struct filter *f, const char *prefix,
                 const char *maker, int first)
{
    char name[NAME];

    for (int i = first; i < p->count; i++) {
        snprintf(name, sizeof name, "%s%s", prefix, p->list[i].name);
        load(p, f, &p->list[i], name, maker);
    }
}

void params_digest(const struct params *p, char text[DIGEST_TEXT])
{
    digest_text(XXH3_64bits(p->values, (size_t)p->size * sizeof(real)), text);
}

long params_attr_number(struct filter *f, const char *name, const char *key, long low,
                        long high, long otherwise)
{
    const char *text = filter_attr(f, name, key);
    char *end;
    long number;

    if (!text)
        return otherwise;
    number = strtol(text, &end, 10);
    if (!*text || *end || number < low || number > high)
        die("'%s' says %s '%s', expected a number from %ld", name, key, text, low);
    return number;
}
