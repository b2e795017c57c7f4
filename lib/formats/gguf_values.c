#include "formats/gguf.h"

#include "formats/dequant.h"
#include "formats/dtype_convert.h"
#include "formats/gguf_parts.h"
#include "util/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct gguf_kind_fact gguf_kinds[KINDS] = {
    [KIND_U8] = { "u8", 1 },       [KIND_I8] = { "i8", 1 },
    [KIND_U16] = { "u16", 2 },     [KIND_I16] = { "i16", 2 },
    [KIND_U32] = { "u32", 4 },     [KIND_I32] = { "i32", 4 },
    [KIND_F32] = { "f32", 4 },     [KIND_BOOL] = { "bool", 1 },
    [KIND_STRING] = { "string", 0 }, [KIND_ARRAY] = { "array", 0 },
    [KIND_U64] = { "u64", 8 },     [KIND_I64] = { "i64", 8 },
    [KIND_F64] = { "f64", 8 },
};

int gguf_compare_text(struct gguf_text a, struct gguf_text b)
{
    int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);

    return order ? order : (a.size > b.size) - (a.size < b.size);
}

const char *gguf_path(const struct gguf *g)
{
    return g->path;
}

static int compare_key(const void *key, const void *value)
{
    return gguf_compare_text(*(const struct gguf_text *)key,
                             ((const struct gguf_value *)value)->key);
}

static const struct gguf_value *look_up(const struct gguf *g, const char *key)
{
    struct gguf_text text = { key, strlen(key) };

    return bsearch(&text, g->value, g->values, sizeof *g->value, compare_key);
}

static const struct gguf_value *find(const struct gguf *g, const char *key,
                                     struct error *e)
{
    const struct gguf_value *v = look_up(g, key);

    if (!v)
        fail(e, "%s: no key %s", g->path, key);
    return v;
}

static int wrong_kind(const struct gguf *g, const char *key, const char *expected,
                      const struct gguf_value *v, struct error *e)
{
    bool array = v->kind == KIND_ARRAY;

    return fail(e, "%s: %s is %s%s, expected %s", g->path, key, array ? "array of " : "",
                gguf_kinds[array ? v->element : v->kind].name, expected);
}

bool gguf_has(const struct gguf *g, const char *key)
{
    return look_up(g, key) != NULL;
}

size_t gguf_keys(const struct gguf *g)
{
    return g->values;
}

struct gguf_text gguf_key_at(const struct gguf *g, size_t i)
{
    return g->value[i].key;
}

/* The integer's magnitude and sign; false where v is no integer. */
static bool read_integer(const struct gguf_value *v, uint64_t *n, bool *negative)
{
    union { int8_t i8; int16_t i16; int32_t i32; int64_t i64; } u = { .i64 = 0 };
    size_t bytes = gguf_kinds[v->kind].bytes;
    int64_t i;

    *n = 0;
    *negative = false;
    memcpy(&u, v->data, bytes);
    switch (v->kind) {
    case KIND_U8: case KIND_U16: case KIND_U32: case KIND_U64:
        memcpy(n, v->data, bytes);
        return true;
    case KIND_I8: i = u.i8; break;
    case KIND_I16: i = u.i16; break;
    case KIND_I32: i = u.i32; break;
    case KIND_I64: i = u.i64; break;
    default: return false;
    }
    *negative = i < 0;
    *n = i < 0 ? -(uint64_t)i : (uint64_t)i;
    return true;
}

/* An integer of at most `most`, or down to -(most + 1) where sign is true. */
static int get_integer(const struct gguf *g, const char *key, uint64_t most, bool sign,
                       uint64_t *n, struct error *e)
{
    const struct gguf_value *v = find(g, key, e);
    bool negative;

    if (!v)
        return -1;
    if (!read_integer(v, n, &negative))
        return wrong_kind(g, key, "an integer", v, e);
    if (negative ? !sign || *n > most + 1 : *n > most)
        return fail(e, "%s: %s is %s%" PRIu64 ", expected %s%" PRIu64 " to %" PRIu64,
                    g->path, key, negative ? "-" : "", *n, sign ? "-" : "",
                    sign ? most + 1 : 0, most);
    if (negative)
        *n = -*n;
    return 0;
}

double gguf_number(const struct gguf *g, const char *key)
{
    const struct gguf_value *v = look_up(g, key);
    struct error unsaid;
    bool negative, flag = false;
    uint64_t n;
    float f;

    if (v && read_integer(v, &n, &negative))
        return negative ? -(double)(int64_t)n : (double)n;
    if (gguf_f32(g, key, &f, &unsaid) == 0)
        return (double)f;
    return gguf_bool(g, key, &flag, &unsaid) == 0 ? flag : (double)NAN;
}

int gguf_u32(const struct gguf *g, const char *key, uint32_t *v, struct error *e)
{
    uint64_t n;

    if (get_integer(g, key, UINT32_MAX, false, &n, e) < 0)
        return -1;
    *v = (uint32_t)n;
    return 0;
}

int gguf_i32(const struct gguf *g, const char *key, int32_t *v, struct error *e)
{
    uint64_t n;

    if (get_integer(g, key, INT32_MAX, true, &n, e) < 0)
        return -1;
    *v = (int32_t)(int64_t)n;
    return 0;
}

int gguf_u64(const struct gguf *g, const char *key, uint64_t *v, struct error *e)
{
    return get_integer(g, key, UINT64_MAX, false, v, e);
}

int gguf_f32(const struct gguf *g, const char *key, float *v, struct error *e)
{
    const struct gguf_value *f = find(g, key, e);
    double d;

    if (!f)
        return -1;
    if (f->kind == KIND_F32) {
        memcpy(v, f->data, sizeof *v);
    } else if (f->kind == KIND_F64) {
        memcpy(&d, f->data, sizeof d);
        *v = (float)d;
        if (!dtype_convert_fits(d))
            return fail(e, "%s: '%s' is %g, beyond the range of 32-bit floats", g->path,
                        key, d);
    } else {
        return wrong_kind(g, key, "f32", f, e);
    }
    return 0;
}

int gguf_bool(const struct gguf *g, const char *key, bool *v, struct error *e)
{
    const struct gguf_value *b = find(g, key, e);

    if (!b)
        return -1;
    if (b->kind != KIND_BOOL)
        return wrong_kind(g, key, "bool", b, e);
    *v = b->data[0] != 0;
    return 0;
}

/*  | u64 length | length bytes |, checked when the file was opened.
 * Returns where the next one begins. */
static const unsigned char *text_at(const unsigned char *at, struct gguf_text *t)
{
    uint64_t n;

    memcpy(&n, at, sizeof n);
    *t = (struct gguf_text){ (const char *)at + sizeof n, (size_t)n };
    return at + sizeof n + n;
}

char *gguf_string(const struct gguf *g, const char *key, struct error *e)
{
    const struct gguf_value *v = find(g, key, e);
    struct gguf_text t;
    char *s;

    if (!v)
        return NULL;
    if (v->kind != KIND_STRING) {
        wrong_kind(g, key, "string", v, e);
        return NULL;
    }
    text_at(v->data, &t);
    if (memchr(t.data, 0, t.size)) {
        fail(e, "%s: %s holds a zero byte", g->path, key);
        return NULL;
    }
    s = mem_new(t.size + 1, 1);
    return memcpy(s, t.data, t.size);
}

static const struct gguf_value *find_array(const struct gguf *g, const char *key,
                                           enum gguf_kind element, struct error *e)
{
    const struct gguf_value *v = find(g, key, e);
    char expected[32];

    if (!v || (v->kind == KIND_ARRAY && v->element == element))
        return v;
    snprintf(expected, sizeof expected, "array of %s", gguf_kinds[element].name);
    wrong_kind(g, key, expected, v, e);
    return NULL;
}

int gguf_strings(const struct gguf *g, const char *key, struct gguf_text **v, size_t *n,
                 struct error *e)
{
    const struct gguf_value *a = find_array(g, key, KIND_STRING, e);
    const unsigned char *at;

    if (!a)
        return -1;
    *v = mem_new(a->count, sizeof **v);
    *n = a->count;
    at = a->data;
    for (size_t i = 0; i < *n; i++)
        at = text_at(at, &(*v)[i]);
    return 0;
}

/* A copy: arrays in the file are not aligned. */
static void *copy_array(const struct gguf *g, const char *key, enum gguf_kind element,
                        size_t *n, struct error *e)
{
    const struct gguf_value *a = find_array(g, key, element, e);
    void *copy;

    if (!a)
        return NULL;
    *n = a->count;
    copy = mem_new(a->count, gguf_kinds[element].bytes);
    return memcpy(copy, a->data, a->count * gguf_kinds[element].bytes);
}

int gguf_i32s(const struct gguf *g, const char *key, int32_t **v, size_t *n,
              struct error *e)
{
    return (*v = copy_array(g, key, KIND_I32, n, e)) ? 0 : -1;
}

int gguf_f32s(const struct gguf *g, const char *key, float **v, size_t *n,
              struct error *e)
{
    return (*v = copy_array(g, key, KIND_F32, n, e)) ? 0 : -1;
}

bool gguf_is_array(const struct gguf *g, const char *key)
{
    const struct gguf_value *v = look_up(g, key);

    return v && v->kind == KIND_ARRAY;
}

int gguf_bools(const struct gguf *g, const char *key, bool **v, size_t *n,
               struct error *e)
{
    const struct gguf_value *a = find(g, key, e);
    size_t bytes;

    if (!a)
        return -1;
    if (a->kind != KIND_ARRAY || (a->element != KIND_BOOL && a->element != KIND_I32
                                  && a->element != KIND_U32))
        return wrong_kind(g, key, "array of flags", a, e);
    bytes = gguf_kinds[a->element].bytes;
    *v = mem_new(a->count, sizeof **v);
    *n = a->count;
    for (size_t i = 0; i < a->count * bytes; i++)
        (*v)[i / bytes] |= ((const unsigned char *)a->data)[i] != 0;
    return 0;
}

size_t gguf_tensors(const struct gguf *g)
{
    return g->tensors;
}

const struct gguf_tensor *gguf_tensor_at(const struct gguf *g, size_t i)
{
    return &g->tensor[i];
}

static int compare_name(const void *name, const void *tensor)
{
    return strcmp(name, (*(const struct gguf_tensor *const *)tensor)->name);
}

bool gguf_has_tensor(const struct gguf *g, const char *name)
{
    return bsearch(name, g->by_name, g->tensors, sizeof *g->by_name, compare_name) !=
           NULL;
}

const struct gguf_tensor *gguf_tensor(const struct gguf *g, const char *name,
                                      struct error *e)
{
    const struct gguf_tensor **t =
        bsearch(name, g->by_name, g->tensors, sizeof *g->by_name, compare_name);

    if (!t) {
        fail(e, "%s: no tensor %s", g->path, name);
        return NULL;
    }
    return *t;
}

void gguf_row_floats(const struct gguf_tensor *t, size_t from, size_t to, float *out)
{
    const struct quant *q = dequant_find(t->type);

    q->floats((const unsigned char *)t->data + from * t->row_bytes,
              (to - from) * (t->shape[0] / q->block), out);
}
