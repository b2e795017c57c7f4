#include "formats/gguf.h"

#include "formats/dequant.h"
#include "formats/gguf_parts.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What is left to read. */
struct cursor {
    const unsigned char *at;
    size_t left;
};

enum {
    SMALLEST_VALUE = 8 + 1 + 4 + 1,          /* length, key, kind, value */
    SMALLEST_TENSOR = 8 + 1 + 4 + 8 + 4 + 8, /* length, name, dims, one, type, offset */
    DEFAULT_ALIGNMENT = 32,
};

static const unsigned char *take(struct cursor *c, uint64_t n, const char *what,
                                 struct error *e)
{
    const unsigned char *at = c->at;

    if (n > c->left) {
        fail(e, "cut short in %s: %" PRIu64 " bytes expected, %zu left", what, n,
             c->left);
        return NULL;
    }
    c->at += n;
    c->left -= n;
    return at;
}

static int take_u32(struct cursor *c, uint32_t *v, const char *what, struct error *e)
{
    const unsigned char *at = take(c, sizeof *v, what, e);

    if (!at)
        return -1;
    memcpy(v, at, sizeof *v);
    return 0;
}

static int take_u64(struct cursor *c, uint64_t *v, const char *what, struct error *e)
{
    const unsigned char *at = take(c, sizeof *v, what, e);

    if (!at)
        return -1;
    memcpy(v, at, sizeof *v);
    return 0;
}

/*  | u64 length | length bytes |  */
static int take_text(struct cursor *c, struct gguf_text *t, const char *what,
                     struct error *e)
{
    uint64_t n;
    const unsigned char *at;

    if (take_u64(c, &n, what, e) < 0 || !(at = take(c, n, what, e)))
        return -1;
    *t = (struct gguf_text){ (const char *)at, (size_t)n };
    return 0;
}

/* Names are printable ASCII, so that they can be compared and shown. */
static int take_name(struct cursor *c, struct gguf_text *t, size_t longest,
                     const char *what, struct error *e)
{
    if (take_text(c, t, what, e) < 0)
        return -1;
    if (t->size == 0 || t->size > longest)
        return fail(e, "%s of %zu bytes, expected 1 to %zu", what, t->size, longest);
    for (size_t i = 0; i < t->size; i++)
        if (t->data[i] < ' ' || t->data[i] > '~')
            return fail(e, "%s with a byte that is not printable", what);
    return 0;
}

/*  | u32 kind of items | u64 count | items |, strings each with their length  */
static int take_array(struct cursor *c, struct gguf_value *v, struct error *e)
{
    struct gguf_text text;

    if (take_u32(c, &v->element, "an array's type", e) < 0 ||
        take_u64(c, &v->count, "an array's length", e) < 0)
        return -1;
    if (v->element >= KINDS || v->element == KIND_ARRAY)
        return fail(e, "array of %s (type %" PRIu32 "), which is not supported",
                    v->element == KIND_ARRAY ? "arrays" : "unknown", v->element);
    v->data = c->at;
    if (v->element != KIND_STRING) {
        size_t bytes = gguf_kinds[v->element].bytes;

        if (v->count > c->left / bytes)
            return fail(e, "cut short: an array of %" PRIu64 " %s, %zu bytes left",
                        v->count, gguf_kinds[v->element].name, c->left);
        return take(c, v->count * bytes, "an array", e) ? 0 : -1;
    }
    if (v->count > c->left / sizeof(uint64_t))
        return fail(e, "cut short: an array of %" PRIu64 " strings, %zu bytes left",
                    v->count, c->left);
    for (uint64_t i = 0; i < v->count; i++)
        if (take_text(c, &text, "a string of an array", e) < 0)
            return -1;
    return 0;
}

/*  | u64 length | key | u32 kind | value |  */
static int take_value(struct cursor *c, struct gguf_value *v, struct error *e)
{
    struct gguf_text text;
    int done;

    if (take_name(c, &v->key, 65535, "a key", e) < 0)
        return -1;
    if (take_u32(c, &v->kind, "a value's type", e) < 0)
        return fail_in(e, "%.*s", (int)v->key.size, v->key.data);
    v->data = c->at;
    v->count = 1;
    if (v->kind >= KINDS)
        done = fail(e, "value of unknown type %" PRIu32, v->kind);
    else if (v->kind == KIND_ARRAY)
        done = take_array(c, v, e);
    else if (v->kind == KIND_STRING)
        done = take_text(c, &text, "a string", e);
    else
        done = take(c, gguf_kinds[v->kind].bytes, "a value", e) ? 0 : -1;
    return done < 0 ? fail_in(e, "%.*s", (int)v->key.size, v->key.data) : 0;
}

/* Rows and bytes from shape and type, without overflow. */
static int measure_tensor(struct gguf_tensor *t, struct error *e)
{
    const struct quant *q = dequant_find(t->type);

    if (!q)
        return fail(e, "%s: type %s (%" PRIu32 ") is not supported", t->name,
                    dequant_name(t->type), t->type);
    if (t->shape[0] == 0 || t->shape[0] % q->block)
        return fail(e, "%s: rows of %zu numbers, expected a multiple of %zu (%s)",
                    t->name, t->shape[0], q->block, q->name);
    if (__builtin_mul_overflow(t->shape[0] / q->block, q->bytes, &t->row_bytes) ||
        __builtin_mul_overflow(t->shape[1], t->shape[2], &t->rows) ||
        __builtin_mul_overflow(t->rows, t->shape[3], &t->rows) ||
        __builtin_mul_overflow(t->rows, t->row_bytes, &t->bytes))
        return fail(e, "%s: shape %zu x %zu x %zu x %zu is absurd", t->name, t->shape[0],
                    t->shape[1], t->shape[2], t->shape[3]);
    if (t->rows == 0)
        return fail(e, "%s: no rows", t->name);
    return 0;
}

/*  | u64 length | name | u32 dims | u64 each | u32 type | u64 offset |
 * The offset goes to *offset; data is filled in once its start is known. */
static int take_tensor(struct cursor *c, struct gguf_tensor *t, uint64_t *offset,
                       struct error *e)
{
    struct gguf_text name;
    uint32_t dims;

    if (take_name(c, &name, sizeof t->name - 1, "a tensor's name", e) < 0)
        return -1;
    memcpy(t->name, name.data, name.size);
    if (take_u32(c, &dims, "a tensor's shape", e) < 0)
        return fail_in(e, "%s", t->name);
    if (dims < 1 || dims > 4)
        return fail(e, "%s: %" PRIu32 " dimensions, expected 1 to 4", t->name, dims);
    t->dims = (int)dims;
    for (int i = 0; i < 4; i++) {
        uint64_t n = 1;

        if (i < t->dims && take_u64(c, &n, "a tensor's shape", e) < 0)
            return fail_in(e, "%s", t->name);
        t->shape[i] = n;
    }
    if (take_u32(c, &t->type, "a tensor's type", e) < 0 ||
        take_u64(c, offset, "a tensor's offset", e) < 0)
        return fail_in(e, "%s", t->name);
    return measure_tensor(t, e);
}

static int by_key(const void *a, const void *b)
{
    return gguf_compare_text(((const struct gguf_value *)a)->key,
                             ((const struct gguf_value *)b)->key);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct gguf_tensor *const *)a)->name,
                  (*(const struct gguf_tensor *const *)b)->name);
}

static int read_values(struct gguf *g, struct cursor *c, struct error *e)
{
    g->value = mem_new(g->values, sizeof *g->value);
    for (size_t i = 0; i < g->values; i++)
        if (take_value(c, &g->value[i], e) < 0)
            return -1;
    qsort(g->value, g->values, sizeof *g->value, by_key);
    for (size_t i = 1; i < g->values; i++)
        if (by_key(&g->value[i - 1], &g->value[i]) == 0)
            return fail(e, "%.*s: given twice", (int)g->value[i].key.size,
                        g->value[i].key.data);
    return 0;
}

static int read_alignment(const struct gguf *g, size_t *alignment, struct error *e)
{
    uint32_t a = DEFAULT_ALIGNMENT;

    if (gguf_has(g, "general.alignment") && gguf_u32(g, "general.alignment", &a, e) < 0)
        return -1;
    if (a < 8 || (a & (a - 1)))
        return fail(e, "general.alignment is %" PRIu32 ", expected a power of two from 8",
                    a);
    *alignment = a;
    return 0;
}

/* Puts t at its offset within the data, which begins where c stands. */
static int place_tensor(struct gguf_tensor *t, const struct cursor *c, uint64_t offset,
                        size_t alignment, struct error *e)
{
    if (offset % alignment)
        return fail(e, "%s: offset %" PRIu64 " is no multiple of the alignment %zu",
                    t->name, offset, alignment);
    if (offset > c->left || t->bytes > c->left - offset)
        return fail(e, "%s: cut short: %zu bytes at %" PRIu64 " of the data, which has "
                    "%zu", t->name, t->bytes, offset, c->left);
    t->data = c->at + offset;
    return 0;
}

static int place_tensors(struct gguf *g, struct cursor *c, const uint64_t *offset,
                         struct error *e)
{
    size_t alignment = DEFAULT_ALIGNMENT, padding;

    if (read_alignment(g, &alignment, e) < 0)
        return -1;
    g->head = (size_t)(c->at - g->file.data);
    padding = -(size_t)(c->at - g->file.data) & (alignment - 1);
    if (g->tensors > 0 && !take(c, padding, "the padding before the data", e))
        return -1;
    for (size_t i = 0; i < g->tensors; i++)
        if (place_tensor(&g->tensor[i], c, offset[i], alignment, e) < 0)
            return -1;
    return gguf_sort_tensors(g, e);
}

int gguf_sort_tensors(struct gguf *g, struct error *e)
{
    g->by_name = mem_resize(g->by_name, g->tensors, sizeof *g->by_name);
    for (size_t i = 0; i < g->tensors; i++)
        g->by_name[i] = &g->tensor[i];
    qsort(g->by_name, g->tensors, sizeof *g->by_name, by_name);
    for (size_t i = 1; i < g->tensors; i++)
        if (by_name(&g->by_name[i - 1], &g->by_name[i]) == 0)
            return fail(e, "%s: there twice", g->by_name[i]->name);
    return 0;
}

static int read_tensors(struct gguf *g, struct cursor *c, struct error *e)
{
    uint64_t *offset = mem_new(g->tensors, sizeof *offset);
    int done = 0;

    g->tensor = mem_new(g->tensors, sizeof *g->tensor);
    for (size_t i = 0; i < g->tensors && done == 0; i++)
        done = take_tensor(c, &g->tensor[i], &offset[i], e);
    if (done == 0)
        done = place_tensors(g, c, offset, e);
    free(offset);
    return done;
}

/*  | "GGUF" | u32 version | u64 tensors | u64 keys |  */
static int read_header(struct gguf *g, struct cursor *c, struct error *e)
{
    const unsigned char *magic = take(c, 4, "the magic", e);
    uint32_t version;
    uint64_t tensors, values;

    if (!magic)
        return -1;
    if (memcmp(magic, "GGUF", 4) != 0)
        return fail(e, "not a GGUF file: begins with %02x %02x %02x %02x", magic[0],
                    magic[1], magic[2], magic[3]);
    if (take_u32(c, &version, "the version", e) < 0)
        return -1;
    if (version != 2 && version != 3)
        return fail(e, "GGUF version %" PRIu32 "%s, expected 2 or 3", version,
                    version && version << 16 == 0 ? " (big-endian)" : "");
    if (take_u64(c, &tensors, "the header", e) < 0 ||
        take_u64(c, &values, "the header", e) < 0)
        return -1;
    if (tensors > c->left / SMALLEST_TENSOR || values > c->left / SMALLEST_VALUE)
        return fail(e, "cut short: %" PRIu64 " tensors and %" PRIu64 " keys announced, "
                    "%zu bytes left", tensors, values, c->left);
    g->tensors = tensors;
    g->values = values;
    return 0;
}

struct gguf *gguf_open_one(const char *path, struct error *e)
{
    struct gguf *g = mem_new(1, sizeof *g);
    struct cursor c;

    g->path = mem_string(path);
    if (file_map(&g->file, path, e) < 0) {
        gguf_close(g);
        return NULL;
    }
    c = (struct cursor){ g->file.data, g->file.size };
    if (read_header(g, &c, e) < 0 || read_values(g, &c, e) < 0 ||
        read_tensors(g, &c, e) < 0) {
        fail_in(e, "%s", path);
        gguf_close(g);
        return NULL;
    }
    return g;
}

const void *gguf_head(const struct gguf *g, size_t *bytes, size_t *size)
{
    *bytes = g->head;
    *size = 0;
    for (const struct gguf *part = g; part; part = part->next)
        *size += part->file.size;
    return g->file.data;
}

void gguf_close(struct gguf *g)
{
    if (!g)
        return;
    gguf_close(g->next);
    file_unmap(&g->file);
    free(g->value);
    free(g->tensor);
    free(g->by_name);
    free(g->path);
    free(g);
}
