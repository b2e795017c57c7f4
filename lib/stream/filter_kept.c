/* What a filter has kept of its input. */
#include "stream/filter_parts.h"

#include "stream/finite.h"
#include "util/half.h"
#include "util/mem.h"
#include "util/near.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

const char *filter_pipe(struct filter *f, const char *makers, const char *name)
{
    makers_pipe(f->pipe, makers, name, f->made);
    return f->pipe;
}

void filter_die_missing(struct filter *f, const char *name, const char *maker)
{
    die("no '%s' in the input: run %s first%s", name, maker, filter_pipe(f, maker, name));
}

static const struct stored *find(struct filter *f, const char *name, const char *maker)
{
    const struct stored *s = store_find(&f->store, name);

    if (!s)
        filter_die_missing(f, name, maker);
    return s;
}

void filter_needs(struct filter *f, const char *option, const char *name,
                  const char *maker)
{
    struct error e;
    struct near near;

    if (store_find(&f->store, name))
        return;
    near_begin(&near, name);
    for (int i = 0; i < f->seen.count; i++)
        if (strcmp(f->seen.name[i], name) != 0)
            near_offer(&near, f->seen.name[i]);
    fail(&e, "no '%s' in the input", name);
    near_end(&e, &near);
    if (maker && !*near.found)
        die("--%s: %s: run %s first%s", option, e.text, maker,
            filter_pipe(f, maker, name));
    die("--%s: %s", option, e.text);
}

const char *filter_seen_text(struct filter *f, int i)
{
    return i < f->texts_seen.count ? f->texts_seen.name[i] : NULL;
}

/* Once a tensor, however often it is asked for. */
static void check_finite(struct filter *f, const struct stored *s, const char *maker)
{
    struct error e;

    if (!s->finite && finite_check(s->name, &s->tensor, &e) < 0)
        die("%s: run %s again", e.text, maker);
    f->store.items[s - f->store.items].finite = true;
}

/* Floats of 16 bits become those of 32, each exactly. */
static void widen(struct tensor *t)
{
    int64_t n = shape_count(t->shape, t->dims);
    struct tensor wide = tensor_new(DT_F4, t->dims, t->shape);
    const uint16_t *from = t->data;
    float *to = wide.data;

    for (int64_t i = 0; i < n; i++)
        to[i] = half_from_f16(from[i]);
    tensor_free(t);
    *t = wide;
}

const struct tensor *filter_tensor(struct filter *f, const char *name, enum dtype type,
                                   int dims, const char *maker)
{
    const struct stored *s = find(f, name, maker);

    if (s->is_text)
        die("'%s' is text, expected numbers of type %s", name, dtype_name(type));
    if (type == DT_F4 && s->tensor.type == DT_F2)
        widen(&f->store.items[s - f->store.items].tensor);
    if (s->tensor.type != type)
        die("'%s' has type %s, expected %s", name, dtype_name(s->tensor.type),
            dtype_name(type));
    if (dims && s->tensor.dims != dims)
        die("'%s' has %d dimensions, expected %d", name, s->tensor.dims, dims);
    check_finite(f, s, maker);
    return &s->tensor;
}

const struct tensor *filter_tensor_sized(struct filter *f, const char *name,
                                         enum dtype type, int64_t rows, int64_t columns,
                                         const char *maker)
{
    const struct tensor *t = filter_tensor(f, name, type, columns ? 2 : 1, maker);
    struct tensor want = *t;
    char found[128], expected[128];

    if (rows >= 0)
        want.shape[0] = rows;
    if (columns > 0)
        want.shape[1] = columns;
    if (memcmp(want.shape, t->shape, sizeof want.shape) != 0)
        die("'%s' has shape %s, expected %s", name,
            tensor_shape_text(t, found, sizeof found),
            tensor_shape_text(&want, expected, sizeof expected));
    return t;
}

const struct texts *filter_texts(struct filter *f, const char *name, const char *maker)
{
    const struct stored *s = find(f, name, maker);

    if (!s->is_text)
        die("'%s' is numbers, expected text", name);
    return &s->texts;
}

bool filter_has(struct filter *f, const char *name)
{
    return store_find(&f->store, name) != NULL;
}

const struct stored *filter_stored(struct filter *f, const char *name)
{
    return store_find(&f->store, name);
}

const char *filter_attr(struct filter *f, const char *name, const char *key)
{
    const struct stored *s = store_find(&f->store, name);

    return s ? stored_attr(s, key) : NULL;
}

const char *filter_kept_name(struct filter *f, int i)
{
    return i < f->store.count ? f->store.items[i].name : NULL;
}

bool filter_kept_is_text(struct filter *f, int i)
{
    return i < f->store.count && f->store.items[i].is_text;
}

static int by_name(const void *a, const void *b)
{
    const struct stored *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

static void digest_stored(XXH3_state_t *state, const struct stored *s)
{
    XXH3_64bits_update(state, s->name, strlen(s->name) + 1);
    if (s->is_text && s->texts.count > 0)
        XXH3_64bits_update(state, s->texts.bytes, s->texts.offset[s->texts.count]);
    if (!s->is_text) {
        uint64_t d = tensor_digest(&s->tensor);

        XXH3_64bits_update(state, &d, sizeof d);
    }
}

uint64_t filter_digest(struct filter *f)
{
    const struct stored **order = mem_new((size_t)f->store.count, sizeof *order);
    XXH3_state_t *state = XXH3_createState();
    uint64_t digest;

    for (int i = 0; i < f->store.count; i++)
        order[i] = &f->store.items[i];
    qsort(order, (size_t)f->store.count, sizeof *order, by_name);
    XXH3_64bits_reset(state);
    for (int i = 0; i < f->store.count; i++)
        digest_stored(state, order[i]);
    digest = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    free(order);
    return digest;
}
