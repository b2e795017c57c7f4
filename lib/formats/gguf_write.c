#include "formats/gguf_write.h"

#include "formats/gguf_parts.h"
#include "util/file_write.h"
#include "util/mem.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

enum { ALIGNMENT = 32, VERSION = 3 };

/* Bytes that grow. */
struct bytes {
    unsigned char *data;
    size_t n, room;
};

struct gguf_writer {
    struct bytes values, infos;
    uint64_t value_count, tensor_count;
    uint64_t *size; /* (tensor_count) bytes of each */
    size_t sizes, size_room;
    uint64_t data; /* bytes of all tensors with their padding */
    struct file_write file;
    size_t at;       /* tensor that is being written */
    uint64_t within; /* bytes of it that are there */
};

struct gguf_writer *gguf_writer_new(void)
{
    return mem_new(1, sizeof(struct gguf_writer));
}

void gguf_writer_free(struct gguf_writer *w)
{
    if (!w)
        return;
    if (w->file.path)
        file_write_abandon(&w->file);
    free(w->values.data);
    free(w->infos.data);
    free(w->size);
    free(w);
}

static void add(struct bytes *b, const void *data, size_t n)
{
    if (b->n + n > b->room) {
        b->room = 2 * (b->n + n);
        b->data = mem_resize(b->data, b->room, 1);
    }
    if (n > 0)
        memcpy(b->data + b->n, data, n);
    b->n += n;
}

static void add_u32(struct bytes *b, uint32_t v)
{
    add(b, &v, sizeof v);
}

static void add_u64(struct bytes *b, uint64_t v)
{
    add(b, &v, sizeof v);
}

/*  | u64 length | length bytes |  */
static void add_text(struct bytes *b, const char *data, size_t n)
{
    add_u64(b, n);
    add(b, data, n);
}

/*  | u64 length | key | u32 kind | value |  */
static struct bytes *value(struct gguf_writer *w, const char *key, enum gguf_kind kind)
{
    add_text(&w->values, key, strlen(key));
    add_u32(&w->values, kind);
    w->value_count++;
    return &w->values;
}

void gguf_put_u32(struct gguf_writer *w, const char *key, uint32_t v)
{
    add_u32(value(w, key, KIND_U32), v);
}

void gguf_put_f32(struct gguf_writer *w, const char *key, float v)
{
    add(value(w, key, KIND_F32), &v, sizeof v);
}

void gguf_put_bool(struct gguf_writer *w, const char *key, bool v)
{
    add(value(w, key, KIND_BOOL), &(unsigned char){ v }, 1);
}

void gguf_put_string(struct gguf_writer *w, const char *key, const char *v)
{
    add_text(value(w, key, KIND_STRING), v, strlen(v));
}

static struct bytes *array(struct gguf_writer *w, const char *key, enum gguf_kind kind,
                           size_t n)
{
    struct bytes *b = value(w, key, KIND_ARRAY);

    add_u32(b, kind);
    add_u64(b, n);
    return b;
}

void gguf_put_strings(struct gguf_writer *w, const char *key, const struct gguf_text *v,
                      size_t n)
{
    struct bytes *b = array(w, key, KIND_STRING, n);

    for (size_t i = 0; i < n; i++)
        add_text(b, v[i].data, v[i].size);
}

void gguf_put_i32s(struct gguf_writer *w, const char *key, const int32_t *v, size_t n)
{
    add(array(w, key, KIND_I32, n), v, n * sizeof *v);
}

void gguf_put_f32s(struct gguf_writer *w, const char *key, const float *v, size_t n)
{
    add(array(w, key, KIND_F32, n), v, n * sizeof *v);
}

static uint64_t padded(uint64_t n)
{
    return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/*  | u64 length | name | u32 dims | u64 each, fastest first | u32 type | u64 offset |  */
void gguf_put_tensor(struct gguf_writer *w, const char *name, enum quant_id type,
                     size_t columns, size_t rows)
{
    const struct quant *q = dequant_find(type);
    uint64_t bytes = (rows ? rows : 1) * (uint64_t)(columns / q->block) * q->bytes;

    assert(columns % q->block == 0);
    add_text(&w->infos, name, strlen(name));
    add_u32(&w->infos, rows ? 2 : 1);
    add_u64(&w->infos, columns);
    if (rows)
        add_u64(&w->infos, rows);
    add_u32(&w->infos, type);
    add_u64(&w->infos, w->data);
    MEM_PUSH(w->size, w->sizes, w->size_room, bytes);
    w->tensor_count++;
    w->data += padded(bytes);
}

/*  | "GGUF" | u32 version | u64 tensors | u64 keys |  */
enum { HEADER = 4 + 4 + 8 + 8 };

uint64_t gguf_writer_bytes(const struct gguf_writer *w)
{
    return padded(HEADER + w->values.n + w->infos.n) + w->data;
}

/* Room on the disk of the file that was begun. */
static int check_room(const struct gguf_writer *w, struct error *e)
{
    struct statvfs s;
    uint64_t left;

    if (fstatvfs(w->file.channel.fd, &s) < 0)
        return fail(e, "%s: how much disk is left: %s", w->file.path, strerror(errno));
    left = (uint64_t)s.f_bavail * s.f_frsize;
    if (left >= gguf_writer_bytes(w))
        return 0;
    return fail(e, "%s: %.2f GB are needed, the disk has %.2f GB left", w->file.path,
                (double)gguf_writer_bytes(w) / 1e9, (double)left / 1e9);
}

static int put(struct gguf_writer *w, const void *bytes, size_t n, struct error *e)
{
    if (n == 0 || fwrite(bytes, 1, n, w->file.f) == n)
        return 0;
    return fail(e, "%s: %s", w->file.path, strerror(errno));
}

static int put_padding(struct gguf_writer *w, uint64_t behind, struct error *e)
{
    static const unsigned char zeros[ALIGNMENT];

    return put(w, zeros, padded(behind) - behind, e);
}

int gguf_writer_begin(struct gguf_writer *w, const char *path, struct error *e)
{
    struct bytes header = { 0 };
    int result = -1;

    if (file_write_begin(&w->file, path, e) < 0) {
        w->file = (struct file_write){ 0 };
        return -1;
    }
    add(&header, "GGUF", 4);
    add_u32(&header, VERSION);
    add_u64(&header, w->tensor_count);
    add_u64(&header, w->value_count);
    if (check_room(w, e) == 0 && put(w, header.data, header.n, e) == 0
        && put(w, w->values.data, w->values.n, e) == 0
        && put(w, w->infos.data, w->infos.n, e) == 0)
        result = put_padding(w, HEADER + w->values.n + w->infos.n, e);
    free(header.data);
    return result;
}

int gguf_writer_data(struct gguf_writer *w, const void *bytes, size_t n, struct error *e)
{
    assert(w->at < w->sizes && n <= w->size[w->at] - w->within);
    if (put(w, bytes, n, e) < 0)
        return -1;
    w->within += n;
    if (w->within < w->size[w->at])
        return 0;
    if (put_padding(w, w->within, e) < 0)
        return -1;
    w->at++;
    w->within = 0;
    return 0;
}

int gguf_writer_commit(struct gguf_writer *w, struct error *e)
{
    int result;

    assert(w->at == w->sizes);
    result = file_write_commit(&w->file, e);
    w->file = (struct file_write){ 0 };
    return result;
}
