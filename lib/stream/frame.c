#include "stream/frame.h"

#include "util/printable.h"

#include <string.h>
#include <utf8proc.h>
#include <xxhash.h>

const unsigned char stream_magic[STREAM_MAGIC_SIZE] = {
    0x96, 0xd9, 0x08, 'm', 'i', 'l', 'l', 'r', 'a', 'c', 'e',
};

const char *const frame_kind_names[FRAME_KINDS] = {
    [FRAME_HEAD] = "head", [FRAME_TENSOR] = "tensor",
    [FRAME_TEXT] = "text", [FRAME_END] = "end",
};

/* The sum is the last item: bin 8 of 8 bytes. */
#define SUM_HEADER 2

enum { AT_MAGIC, AT_KIND, AT_NAME, AT_ATTRS, AT_PAYLOAD, AT_SUM };

uint64_t frame_sum(const unsigned char *bytes, size_t size)
{
    return XXH3_64bits(bytes, size);
}

uint64_t frame_sum_read(const unsigned char *p)
{
    return XXH64_hashFromCanonical((const XXH64_canonical_t *)p);
}

void frame_sum_write(unsigned char *p, uint64_t sum)
{
    XXH64_canonicalFromHash((XXH64_canonical_t *)p, sum);
}

int64_t stream_chunk_rows(size_t row_bytes)
{
    return row_bytes == 0 || row_bytes > STREAM_CHUNK_BYTES
               ? 1
               : (int64_t)(STREAM_CHUNK_BYTES / row_bytes);
}

static bool is_text(const msgpack_object *o)
{
    return o->type == MSGPACK_OBJECT_STR;
}

static bool text_is(const msgpack_object *o, const char *s)
{
    size_t n = strlen(s);

    return (o->type == MSGPACK_OBJECT_STR || o->type == MSGPACK_OBJECT_BIN) &&
           o->via.str.size == n && memcmp(o->via.str.ptr, s, n) == 0;
}

bool stream_text_valid(const char *s, size_t n)
{
    utf8proc_int32_t point;

    if (n > STREAM_TEXT_MAX)
        return false;
    while (n > 0) {
        utf8proc_ssize_t used = 1;

        if (*s == 0)
            return false;
        if (*s & 0x80)
            used = utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n,
                                    &point);
        if (used <= 0)
            return false;
        s += used;
        n -= (size_t)used;
    }
    return true;
}

/* A NUL-terminated copy in the frame's zone, or NULL where it is no text. */
static const char *text_copy(struct frame *f, const msgpack_object *o)
{
    char *copy;

    if (!is_text(o) || !stream_text_valid(o->via.str.ptr, o->via.str.size))
        return NULL;
    copy = msgpack_zone_malloc(f->zone, o->via.str.size + 1);
    if (!copy)
        return NULL;
    memcpy(copy, o->via.str.ptr, o->via.str.size);
    copy[o->via.str.size] = 0;
    return copy;
}

static int take_int(int64_t *v, const msgpack_object *o)
{
    if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER || o->via.u64 > INT64_MAX)
        return -1;
    *v = (int64_t)o->via.u64;
    return 0;
}

/* The text-valued pairs of a map. */
static struct attr *take_pairs(struct frame *f, const msgpack_object_map *map, int *count)
{
    struct attr *list = msgpack_zone_malloc(f->zone, (map->size + 1) * sizeof *list);

    *count = 0;
    for (uint32_t i = 0; list && i < map->size; i++) {
        const char *key = text_copy(f, &map->ptr[i].key);
        const char *value = text_copy(f, &map->ptr[i].val);

        if (key && value)
            list[(*count)++] = (struct attr){ key, value };
    }
    return list;
}

/* The counts of each kind of frame: elsewhere these keys are anybody's. */
static int64_t *count_attr(struct frame *f, const msgpack_object *key)
{
    bool rows = f->kind == FRAME_TENSOR || f->kind == FRAME_TEXT;

    return rows && text_is(key, "first")                      ? &f->first
           : rows && text_is(key, "rows")                     ? &f->rows
           : f->kind == FRAME_HEAD && text_is(key, "format")  ? &f->format
           : f->kind == FRAME_END && text_is(key, "frames")   ? &f->frames
                                                              : NULL;
}

static int take_attrs(struct frame *f, const msgpack_object *o, struct error *e)
{
    if (o->type != MSGPACK_OBJECT_MAP)
        return fail(e, "attrs are no map");
    for (uint32_t i = 0; i < o->via.map.size; i++) {
        const msgpack_object *key = &o->via.map.ptr[i].key, *v = &o->via.map.ptr[i].val;
        int64_t *count;

        if (!is_text(key) || !stream_text_valid(key->via.str.ptr, key->via.str.size))
            return fail(e, "an attr's key is no text");
        count = count_attr(f, key);
        if (count && take_int(count, v) < 0)
            return fail(e, "attr '%.*s' is no count", (int)key->via.str.size,
                        key->via.str.ptr);
        if (f->kind == FRAME_END && text_is(key, "sums") &&
            v->type == MSGPACK_OBJECT_BIN && v->via.bin.size == STREAM_SUM_SIZE)
            f->sums = frame_sum_read((const unsigned char *)v->via.bin.ptr);
        if (f->kind == FRAME_HEAD && text_is(key, "options") &&
            v->type == MSGPACK_OBJECT_MAP)
            f->options = take_pairs(f, &v->via.map, &f->option_count);
    }
    f->attrs = take_pairs(f, &o->via.map, &f->attr_count);
    return f->attrs ? 0 : fail(e, "out of memory");
}

static int take_shape(struct tensor *t, const msgpack_object *o, struct error *e)
{
    if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size < 1 ||
        o->via.array.size > TENSOR_DIMS)
        return fail(e, "shape is no array of 1 to %d sizes", TENSOR_DIMS);
    t->dims = (int)o->via.array.size;
    for (int i = 0; i < t->dims; i++)
        if (take_int(&t->shape[i], &o->via.array.ptr[i]) < 0)
            return fail(e, "a size in shape is no count");
    return 0;
}

/* What msgpack-numpy writes: {b"nd": true, b"type": "<f4", b"kind": b"",
 * b"shape": [...], b"data": bin}. */
static int take_tensor(struct frame *f, const msgpack_object *o, struct error *e)
{
    const msgpack_object *data = NULL;
    bool nd = false;
    int type = -1;
    int64_t count;

    if (o->type != MSGPACK_OBJECT_MAP)
        return fail(e, "payload is no array of numbers");
    for (uint32_t i = 0; i < o->via.map.size; i++) {
        const msgpack_object *key = &o->via.map.ptr[i].key, *v = &o->via.map.ptr[i].val;

        if (text_is(key, "nd"))
            nd = v->type == MSGPACK_OBJECT_BOOLEAN && v->via.boolean;
        else if (text_is(key, "type") && is_text(v))
            type = dtype_find(v->via.str.ptr, v->via.str.size);
        else if (text_is(key, "shape") && take_shape(&f->tensor, v, e) < 0)
            return -1;
        else if (text_is(key, "data") && v->type == MSGPACK_OBJECT_BIN)
            data = v;
    }
    if (!nd || type < 0 || !f->tensor.dims || !data)
        return fail(e, "payload is no array of type <f4 <f2 |i1 <i4 <i8 or |u1");
    f->tensor.type = (enum dtype)type;
    count = shape_count(f->tensor.shape, f->tensor.dims);
    if (count < 0 || count > INT32_MAX ||
        (size_t)count * dtype_size(f->tensor.type) != data->via.bin.size)
        return fail(e, "shape and data disagree: %lld elements, %u bytes",
                    (long long)count, data->via.bin.size);
    f->tensor.data = (void *)data->via.bin.ptr;
    return 0;
}

static int take_text(struct frame *f, const msgpack_object *o, struct error *e)
{
    if (o->type != MSGPACK_OBJECT_ARRAY)
        return fail(e, "payload is no array of texts");
    f->rows_of_text = o->via.array.ptr;
    f->tensor = (struct tensor){ .dims = 1, .shape = { o->via.array.size } };
    for (uint32_t i = 0; i < o->via.array.size; i++) {
        const msgpack_object *s = &o->via.array.ptr[i];

        if (!is_text(s) || !stream_text_valid(s->via.str.ptr, s->via.str.size))
            return fail(e, "row %lld is no UTF-8 text of at most %d bytes without NUL",
                        (long long)f->first + i, STREAM_TEXT_MAX);
    }
    return 0;
}

int64_t frame_chunk_rows(const struct frame *f)
{
    return f->tensor.shape[0];
}

static int check_rows(const struct frame *f, struct error *e)
{
    int64_t chunk = frame_chunk_rows(f);

    if (f->rows < 0 || f->first < 0 || f->first > f->rows - chunk)
        return fail(e, "rows %lld to %lld of %lld", (long long)f->first,
                    (long long)f->first + chunk, (long long)f->rows);
    if (chunk == 0 && f->rows > 0)
        return fail(e, "no rows of %lld", (long long)f->rows);
    return 0;
}

static int take_head(struct frame *f, struct error *e)
{
    if (f->format < 1)
        return fail(e, "a head without format version");
    if (f->format > STREAM_FORMAT)
        return fail(e,
                    "format version %lld, this program reads up to %d: use a newer one",
                    (long long)f->format, STREAM_FORMAT);
    return 0;
}

static int take_payload(struct frame *f, const msgpack_object *o, struct error *e)
{
    switch (f->kind) {
    case FRAME_HEAD:
        return take_head(f, e);
    case FRAME_TENSOR:
        return take_tensor(f, o, e) < 0 ? -1 : check_rows(f, e);
    case FRAME_TEXT:
        return take_text(f, o, e) < 0 ? -1 : check_rows(f, e);
    default:
        return f->frames < 0 ? fail(e, "an end without count") : 0;
    }
}

bool stream_name_valid(const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < n; i += printable_bytes(name + i, n - i))
        if (printable_control(name + i, n - i))
            return false;
    return n > 0 && n <= STREAM_NAME_MAX && stream_text_valid(name, n);
}

static int take_items(struct frame *f, const msgpack_object *items, struct error *e)
{
    int kind = 0;

    f->rows = f->format = f->frames = -1;
    while (kind < FRAME_KINDS && !text_is(&items[AT_KIND], frame_kind_names[kind]))
        kind++;
    if (kind == FRAME_KINDS)
        return fail(e, "of a kind that this program does not know");
    f->kind = (enum frame_kind)kind;
    f->name = text_copy(f, &items[AT_NAME]);
    if (!f->name || stream_name_valid(f->name) != (f->kind != FRAME_END))
        return fail(e, "a %s with a bad name", frame_kind_names[kind]);
    if (take_attrs(f, &items[AT_ATTRS], e) < 0 ||
        take_payload(f, &items[AT_PAYLOAD], e) < 0)
        return *f->name ? fail_in(e, "'%s'", f->name) : -1;
    return 0;
}

int frame_parse(struct frame *f, const unsigned char *bytes, size_t size, struct error *e)
{
    size_t body = size - SUM_HEADER - STREAM_SUM_SIZE, at = 0;
    msgpack_object o;

    *f = (struct frame){ .bytes = bytes, .size = size };
    if (size < STREAM_MAGIC_SIZE + SUM_HEADER + STREAM_SUM_SIZE ||
        memcmp(bytes, stream_magic, STREAM_MAGIC_SIZE) != 0)
        return fail(e, "not a millrace frame");
    if (bytes[body] != 0xc4 || bytes[body + 1] != STREAM_SUM_SIZE)
        return fail(e, "it has no checksum");
    f->sum = frame_sum_read(bytes + body + SUM_HEADER);
    if (f->sum != frame_sum(bytes, body))
        return fail(e, "its checksum is wrong: the stream was damaged on its way");
    f->zone = msgpack_zone_new(4096);
    if (!f->zone || msgpack_unpack((const char *)bytes, size, &at, f->zone, &o) < 0 ||
        o.type != MSGPACK_OBJECT_ARRAY || o.via.array.size != AT_SUM + 1)
        fail(e, "not an array of six");
    else if (take_items(f, o.via.array.ptr, e) == 0)
        return 0;
    frame_free(f);
    return -1;
}

void frame_free(struct frame *f)
{
    if (f->zone)
        msgpack_zone_free(f->zone);
    f->zone = NULL;
}

const char *frame_attr(const struct frame *f, const char *key)
{
    for (int i = 0; i < f->attr_count; i++)
        if (strcmp(f->attrs[i].key, key) == 0)
            return f->attrs[i].value;
    return NULL;
}
