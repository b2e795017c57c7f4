#include "stream/writer.h"

#include "stream/walk.h"
#include "util/channel.h"
#include "util/mem.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define OUT_BYTES (1 << 20) /* smaller frames are gathered up to this */

struct writer {
    writer_take *take;
    void *data;            /* the first argument of take */
    int fd, error;
    msgpack_sbuffer out;   /* frames not yet written */
    size_t frame;          /* where the frame being made begins in out */
    msgpack_packer packer;
    int64_t frames;
    XXH3_state_t *sums;
};

static int take_by_fd(void *data, const void *p, size_t n)
{
    return write_all(((struct writer *)data)->fd, p, n);
}

struct writer *writer_new(int fd)
{
    struct writer *w = writer_new_taken(take_by_fd, NULL);

    w->data = w;
    w->fd = fd;
    fcntl(fd, F_SETPIPE_SZ, STREAM_CHUNK_BYTES); /* only pipes, and only a hint */
    return w;
}

struct writer *writer_new_taken(writer_take *take, void *data)
{
    struct writer *w = mem_new(1, sizeof *w);

    w->take = take;
    w->data = data;
    w->fd = -1;
    msgpack_sbuffer_init(&w->out);
    msgpack_packer_init(&w->packer, &w->out, msgpack_sbuffer_write);
    w->sums = XXH3_createState();
    XXH3_64bits_reset(w->sums);
    return w;
}

static void put(struct writer *w, const void *p, size_t n)
{
    if (!w->error)
        w->error = w->take(w->data, p, n);
}

static void flush(struct writer *w)
{
    put(w, w->out.data, w->out.size);
    w->out.size = 0;
}

static void count_frame(struct writer *w, uint64_t sum)
{
    unsigned char bytes[STREAM_SUM_SIZE];

    frame_sum_write(bytes, sum);
    XXH3_64bits_update(w->sums, bytes, sizeof bytes);
    w->frames++;
}

void writer_frame(struct writer *w, const struct frame *f)
{
    count_frame(w, f->sum);
    if (f->size >= OUT_BYTES / 4) {
        flush(w);
        put(w, f->bytes, f->size);
    } else {
        msgpack_sbuffer_write(&w->out, (const char *)f->bytes, f->size);
        if (w->out.size >= OUT_BYTES)
            flush(w);
    }
}

static void pack_text(struct writer *w, const char *s, size_t n)
{
    msgpack_pack_str(&w->packer, n);
    msgpack_pack_str_body(&w->packer, s, n);
}

static void pack_string(struct writer *w, const char *s)
{
    pack_text(w, s, strlen(s));
}

/* numpy's keys are of type bin. */
static void pack_key(struct writer *w, const char *s)
{
    msgpack_pack_bin(&w->packer, strlen(s));
    msgpack_pack_bin_body(&w->packer, s, strlen(s));
}

static void pack_count(struct writer *w, const char *key, int64_t v)
{
    pack_string(w, key);
    msgpack_pack_uint64(&w->packer, (uint64_t)v);
}

static int attrs_count(const struct attr *attrs)
{
    int n = 0;

    while (attrs && attrs[n].key)
        n++;
    return n;
}

static void pack_attrs(struct writer *w, const struct attr *attrs)
{
    for (int i = 0; i < attrs_count(attrs); i++) {
        pack_string(w, attrs[i].key);
        pack_string(w, attrs[i].value);
    }
}

/* Opens a frame up to its attrs, of which the caller packs the pairs. */
static void frame_begin(struct writer *w, enum frame_kind kind, const char *name,
                        int attrs)
{
    w->frame = w->out.size;
    msgpack_sbuffer_write(&w->out, (const char *)stream_magic, STREAM_MAGIC_SIZE);
    pack_string(w, frame_kind_names[kind]);
    pack_string(w, name);
    msgpack_pack_map(&w->packer, (size_t)attrs);
}

static void frame_finish(struct writer *w)
{
    const unsigned char *bytes = (unsigned char *)w->out.data + w->frame;
    uint64_t sum = frame_sum(bytes, w->out.size - w->frame);
    unsigned char tail[2 + STREAM_SUM_SIZE] = { 0xc4, STREAM_SUM_SIZE };

    frame_sum_write(tail + 2, sum);
    msgpack_sbuffer_write(&w->out, (const char *)tail, sizeof tail);
    count_frame(w, sum);
    if (w->out.size >= OUT_BYTES)
        flush(w);
}

void writer_head(struct writer *w, const char *program, const char *version,
                 const char *seed, const struct attr *options)
{
    frame_begin(w, FRAME_HEAD, program, seed ? 4 : 3);
    pack_count(w, "format", STREAM_FORMAT);
    pack_string(w, "version");
    pack_string(w, version);
    if (seed) {
        pack_string(w, "seed");
        pack_string(w, seed);
    }
    pack_string(w, "options");
    msgpack_pack_map(&w->packer, (size_t)attrs_count(options));
    pack_attrs(w, options);
    msgpack_pack_nil(&w->packer);
    frame_finish(w);
}

/* Opens a chunk that begins with row first of rows. */
static void chunk_begin(struct writer *w, const struct series_out *s, int64_t first,
                        int64_t rows)
{
    frame_begin(w, s->texts ? FRAME_TEXT : FRAME_TENSOR, s->name,
                2 + attrs_count(s->attrs));
    pack_count(w, "first", first);
    pack_count(w, "rows", rows);
    pack_attrs(w, s->attrs);
}

/* The ndarray as msgpack-numpy packs it. */
static void pack_tensor_rows(struct writer *w, const struct tensor *t, int64_t first,
                             int64_t count)
{
    size_t row = tensor_row_bytes(t), bytes = (size_t)count * row;

    msgpack_pack_map(&w->packer, 5);
    pack_key(w, "nd");
    msgpack_pack_true(&w->packer);
    pack_key(w, "type");
    pack_string(w, dtype_name(t->type));
    pack_key(w, "kind");
    msgpack_pack_bin(&w->packer, 0);
    pack_key(w, "shape");
    msgpack_pack_array(&w->packer, (size_t)t->dims);
    msgpack_pack_uint64(&w->packer, (uint64_t)count);
    for (int i = 1; i < t->dims; i++)
        msgpack_pack_uint64(&w->packer, (uint64_t)t->shape[i]);
    pack_key(w, "data");
    msgpack_pack_bin(&w->packer, bytes);
    msgpack_pack_bin_body(&w->packer, (const char *)t->data + (size_t)first * row, bytes);
}

static void pack_text_rows(struct writer *w, const struct texts *t, int64_t first,
                           int64_t count)
{
    msgpack_pack_array(&w->packer, (size_t)count);
    for (int64_t i = first; i < first + count; i++)
        pack_text(w, texts_at(t, i), texts_length(t, i));
}

int writer_check_series(const struct series_out *s, struct error *e)
{
    size_t room = FRAME_BYTES_MAX - (1 << 20); /* for a frame's other items */

    if (!stream_name_valid(s->name))
        return fail(e, "'%s' is no name for a tensor", s->name);
    if (s->tensor && tensor_row_bytes(s->tensor) > room)
        return fail(e, "'%s': a row takes %zu bytes, at most %zu can be written", s->name,
                    tensor_row_bytes(s->tensor), room);
    for (int64_t i = 0; s->texts && i < s->texts->count; i++)
        if (!stream_text_valid(texts_at(s->texts, i), texts_length(s->texts, i)))
            return fail(e, "'%s': row %lld is no UTF-8 text of at most %d bytes without "
                        "NUL", s->name, (long long)i, STREAM_TEXT_MAX);
    return 0;
}

static int64_t series_rows(const struct series_out *s)
{
    return s->texts ? s->texts->count : tensor_rows(s->tensor);
}

int64_t writer_part_rows(const struct series_out *group, int count)
{
    int64_t rows = INT64_MAX;

    for (int i = 0; i < count; i++) {
        size_t bytes =
            group[i].texts ? STREAM_TEXT_BYTES : tensor_row_bytes(group[i].tensor);
        int64_t n = stream_chunk_rows(bytes);

        rows = n < rows ? n : rows;
    }
    return rows;
}

void writer_part(struct writer *w, const struct series_out *group, int count,
                 int64_t first, int64_t rows)
{
    int64_t here = series_rows(&group[0]), step = writer_part_rows(group, count), at = 0;

    do {
        int64_t n = here - at < step ? here - at : step;

        for (int i = 0; i < count && !w->error; i++) {
            assert(series_rows(&group[i]) == here);
            chunk_begin(w, &group[i], first + at, rows);
            if (group[i].texts)
                pack_text_rows(w, group[i].texts, at, n);
            else
                pack_tensor_rows(w, group[i].tensor, at, n);
            frame_finish(w);
        }
        at += n;
    } while (at < here);
}

void writer_group(struct writer *w, const struct series_out *group, int count)
{
    writer_part(w, group, count, 0, series_rows(&group[0]));
}

static void write_end(struct writer *w)
{
    unsigned char sums[STREAM_SUM_SIZE];
    int64_t frames = w->frames;

    frame_sum_write(sums, XXH3_64bits_digest(w->sums));
    frame_begin(w, FRAME_END, "", 2);
    pack_count(w, "frames", frames);
    pack_string(w, "sums");
    msgpack_pack_bin(&w->packer, sizeof sums);
    msgpack_pack_bin_body(&w->packer, (const char *)sums, sizeof sums);
    msgpack_pack_nil(&w->packer);
    frame_finish(w);
}

void writer_abandon(struct writer *w)
{
    msgpack_sbuffer_destroy(&w->out);
    XXH3_freeState(w->sums);
    free(w);
}

int writer_close(struct writer *w)
{
    int error;

    write_end(w);
    flush(w);
    error = w->error;
    writer_abandon(w);
    return error;
}

bool writer_failed(const struct writer *w)
{
    return w->error != 0;
}
