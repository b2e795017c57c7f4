#include "formats/safetensors.h"

#include "formats/dtype_convert.h"
#include "util/file.h"
#include "util/half.h"
#include "util/mem.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The published reader's limit; a real header has 100 bytes a tensor. */
#define HEADER_MAX (100 * 1000 * 1000)

static const struct {
    const char *name;
    size_t size;
} types[ST_TYPES] = {
    [ST_F64] = { "F64", 8 },         [ST_F32] = { "F32", 4 },
    [ST_F16] = { "F16", 2 },         [ST_BF16] = { "BF16", 2 },
    [ST_I64] = { "I64", 8 },         [ST_I32] = { "I32", 4 },
    [ST_I16] = { "I16", 2 },         [ST_I8] = { "I8", 1 },
    [ST_U64] = { "U64", 8 },         [ST_U32] = { "U32", 4 },
    [ST_U16] = { "U16", 2 },         [ST_U8] = { "U8", 1 },
    [ST_BOOL] = { "BOOL", 1 },       [ST_F8_E4M3] = { "F8_E4M3", 1 },
    [ST_F8_E5M2] = { "F8_E5M2", 1 },
};

struct safetensors {
    char *path;
    struct mapped map;
    json_t *header;            /* owns the names */
    struct safetensor *list;   /* in the order of their bytes */
    struct safetensor **named; /* the same by name */
    long n;
};

static uint64_t little_64(const unsigned char *p)
{
    uint64_t v = 0;

    for (int i = 7; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

const char *safetensors_type_name(enum safetensors_type type)
{
    return types[type].name;
}

size_t safetensors_type_size(enum safetensors_type type)
{
    return types[type].size;
}

const char *safetensors_path(const safetensors *f)
{
    return f->path;
}

long safetensors_count(const safetensors *f)
{
    return f->n;
}

const struct safetensor *safetensors_at(const safetensors *f, long i)
{
    return &f->list[i];
}

char *safetensors_shape(char *text, size_t size, int ndim, const int64_t *dim)
{
    size_t used = (size_t)snprintf(text, size, "[");

    for (int i = 0; i < ndim && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%lld", i ? ", " : "",
                                 (long long)dim[i]);
    if (used < size)
        snprintf(text + used, size - used, "]");
    return text;
}

/* Elements and bytes of t's shape and type; -1 if they do not fit. */
static int measure(struct safetensor *t)
{
    size_t count;

    t->count = 1;
    for (int i = 0; i < t->ndim; i++)
        if (t->dim[i] < 0 || __builtin_mul_overflow(t->count, t->dim[i], &t->count))
            return -1;
    count = (size_t)t->count;
    return __builtin_mul_overflow(count, types[t->type].size, &t->bytes) ? -1 : 0;
}

static int read_type(struct safetensor *t, const json_t *v, struct error *e)
{
    const char *name = json_string_value(v);

    if (!name)
        return fail(e, "\"dtype\" is no string");
    for (int i = 0; i < ST_TYPES; i++)
        if (strcmp(name, types[i].name) == 0) {
            t->type = (enum safetensors_type)i;
            return 0;
        }
    return fail(e, "unknown dtype \"%s\"", name);
}

static int read_shape(struct safetensor *t, const json_t *v, struct error *e)
{
    if (!json_is_array(v))
        return fail(e, "\"shape\" is no list");
    if (json_array_size(v) > SAFETENSORS_DIMS)
        return fail(e, "%zu dimensions, at most %d are read", json_array_size(v),
                    SAFETENSORS_DIMS);
    t->ndim = (int)json_array_size(v);
    for (int i = 0; i < t->ndim; i++) {
        const json_t *d = json_array_get(v, (size_t)i);

        if (!json_is_integer(d) || json_integer_value(d) < 0)
            return fail(e, "\"shape\" holds something that is no size");
        t->dim[i] = json_integer_value(d);
    }
    return measure(t) < 0 ? fail(e, "shape is absurdly large") : 0;
}

/* data: where the offsets count from; room: bytes in the file from there. */
static int read_place(struct safetensor *t, const json_t *v, const unsigned char *data,
                      size_t room, struct error *e)
{
    const json_t *b = json_array_get(v, 0), *end = json_array_get(v, 1);
    json_int_t from, to;
    char shape[SAFETENSORS_SHAPE_TEXT];

    if (json_array_size(v) != 2 || !json_is_integer(b) || !json_is_integer(end))
        return fail(e, "\"data_offsets\" is no pair of numbers");
    from = json_integer_value(b);
    to = json_integer_value(end);
    if (from < 0 || to < from)
        return fail(e, "\"data_offsets\" [%lld, %lld] run backwards", (long long)from,
                    (long long)to);
    if ((uint64_t)to > room)
        return fail(e, "ends at byte %lld, but only %zu bytes follow the header (file "
                       "cut short?)", (long long)to, room);
    if ((size_t)(to - from) != t->bytes)
        return fail(e, "%lld bytes, but %s %s takes %zu", (long long)(to - from),
                    types[t->type].name,
                    safetensors_shape(shape, sizeof shape, t->ndim, t->dim), t->bytes);
    t->data = data + from;
    return 0;
}

static int read_entry(struct safetensor *t, const char *name, const json_t *v,
                      const unsigned char *data, size_t room, struct error *e)
{
    t->name = name;
    if (!json_is_object(v))
        fail(e, "its entry is no object");
    else if (read_type(t, json_object_get(v, "dtype"), e) == 0 &&
             read_shape(t, json_object_get(v, "shape"), e) == 0 &&
             read_place(t, json_object_get(v, "data_offsets"), data, room, e) == 0)
        return 0;
    return fail_in(e, "tensor '%s'", name);
}

static int by_place(const void *a, const void *b)
{
    const struct safetensor *x = a, *y = b;

    if (x->data != y->data)
        return x->data < y->data ? -1 : 1;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int by_name(const void *a, const void *b)
{
    const struct safetensor *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

/* Tensors must fill the bytes after the header without gap or overlap. */
static int check_places(const safetensors *f, const unsigned char *data, size_t room,
                        struct error *e)
{
    const unsigned char *at = data;

    for (long i = 0; i < f->n; i++) {
        if (f->list[i].data != at)
            return fail(e, "tensor '%s': starts at byte %td, but the one before ends at "
                           "%td", f->list[i].name, f->list[i].data - data, at - data);
        at += f->list[i].bytes;
    }
    if ((size_t)(at - data) != room)
        return fail(e, "%zu bytes after the last tensor", room - (size_t)(at - data));
    return 0;
}

static int read_header(safetensors *f, struct error *e)
{
    const unsigned char *start = f->map.data;
    uint64_t length = f->map.size < 8 ? 0 : little_64(start);
    json_error_t why;
    const char *name;
    json_t *v;

    if (f->map.size < 8)
        return fail(e, "%zu bytes are no safetensors file", f->map.size);
    if (length > f->map.size - 8 || length > HEADER_MAX)
        return fail(e, "header of %llu bytes in a file of %zu (cut short, or no "
                       "safetensors file)", (unsigned long long)length, f->map.size);
    f->header = json_loadb((const char *)start + 8, (size_t)length,
                           JSON_REJECT_DUPLICATES, &why);
    if (!f->header)
        return fail(e, "header is not JSON: %s", why.text);
    if (!json_is_object(f->header))
        return fail(e, "header is no JSON object");
    f->list = mem_new(json_object_size(f->header), sizeof *f->list);
    json_object_foreach (f->header, name, v)
        if (strcmp(name, "__metadata__") != 0) {
            if (read_entry(&f->list[f->n], name, v, start + 8 + length,
                           f->map.size - 8 - length, e) < 0)
                return -1;
            f->n++;
        }
    qsort(f->list, (size_t)f->n, sizeof *f->list, by_place);
    return check_places(f, start + 8 + length, f->map.size - 8 - length, e);
}

safetensors *safetensors_open(const char *path, struct error *e)
{
    safetensors *f = mem_new(1, sizeof *f);

    f->path = mem_string(path);
    if (file_map(&f->map, path, e) < 0) {
        safetensors_close(f);
        return NULL;
    }
    if (read_header(f, e) < 0) {
        fail_in(e, "%s", path);
        safetensors_close(f);
        return NULL;
    }
    f->named = mem_new((size_t)f->n, sizeof *f->named);
    for (long i = 0; i < f->n; i++)
        f->named[i] = &f->list[i];
    qsort(f->named, (size_t)f->n, sizeof *f->named, by_name);
    return f;
}

void safetensors_close(safetensors *f)
{
    if (!f)
        return;
    json_decref(f->header);
    file_unmap(&f->map);
    free(f->list);
    free(f->named);
    free(f->path);
    free(f);
}

const struct safetensor *safetensors_find(const safetensors *f, const char *name)
{
    struct safetensor key = { .name = name }, *k = &key;
    struct safetensor **found = bsearch(&k, f->named, (size_t)f->n, sizeof *f->named,
                                        by_name);

    return found ? *found : NULL;
}

int safetensors_read(float *out, const struct safetensor *t, int64_t from, int64_t n,
                     struct error *e)
{
    const unsigned char *p = t->data + (size_t)from * types[t->type].size;
    uint16_t h;
    double d;

    switch (t->type) {
    case ST_F32:
        memcpy(out, p, (size_t)n * sizeof *out);
        return 0;
    case ST_F64:
        for (int64_t i = 0; i < n; i++) {
            memcpy(&d, p + 8 * i, sizeof d);
            if (!dtype_convert_fits(d))
                return fail(e, "element %" PRId64 " of '%s' is %g, beyond the range of "
                            "32-bit floats", from + i, t->name, d);
            out[i] = (float)d;
        }
        return 0;
    case ST_F16:
        for (int64_t i = 0; i < n; i++) {
            memcpy(&h, p + 2 * i, sizeof h);
            out[i] = half_from_f16(h);
        }
        return 0;
    case ST_BF16:
        for (int64_t i = 0; i < n; i++) {
            memcpy(&h, p + 2 * i, sizeof h);
            out[i] = half_from_bf16(h);
        }
        return 0;
    default:
        return fail(e, "tensor '%s': has dtype %s, expected F32, F16, BF16 or F64",
                    t->name, types[t->type].name);
    }
}

float *safetensors_floats(const struct safetensor *t, struct error *e)
{
    float *out = mem_new((size_t)t->count, sizeof *out);

    if (safetensors_read(out, t, 0, t->count, e) == 0)
        return out;
    free(out);
    return NULL;
}
