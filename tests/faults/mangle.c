#include "mangle.h"

#include "stream/reader.h"
#include "stream/store.h"
#include "stream/walk.h"
#include "stream/writer.h"
#include "util/error.h"
#include "util/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct frames frames_of(const struct bytes *stream)
{
    struct frames f = { 0 };
    const char *why;
    size_t size;

    for (size_t at = 0; at < stream->n; at += size) {
        struct bytes one = { 0 };

        if (walk_object(stream->p + at, stream->n - at, &size, &why) != WALK_WHOLE)
            die("not a stream");
        bytes_add(&one, stream->p + at, size);
        MEM_PUSH(f.list, f.count, f.room, one);
    }
    return f;
}

void frames_free(struct frames *f)
{
    for (int i = 0; i < f->count; i++)
        bytes_free(&f->list[i]);
    free(f->list);
    *f = (struct frames){ 0 };
}

struct bytes frames_join(const struct frames *f, const int *order, int count)
{
    struct bytes b = { 0 };

    for (int i = 0; i < count; i++)
        bytes_add(&b, f->list[order[i]].p, f->list[order[i]].n);
    return b;
}

static struct reader *open_bytes(const struct bytes *b, int *fd)
{
    struct reader *r;
    struct error e;
    char path[64];

    *fd = bytes_file(b);
    snprintf(path, sizeof path, "/proc/self/fd/%d", *fd);
    r = reader_open(path, &e);
    if (!r)
        die("%s", e.text);
    return r;
}

bool stream_whole(const struct bytes *stream)
{
    const struct frame *f;
    int fd, got;
    struct reader *r = open_bytes(stream, &fd);

    while ((got = reader_next(r, &f)) > 0)
        ;
    reader_close(r);
    close(fd);
    return got == 0;
}

static struct bytes written(struct writer *w, int fd)
{
    struct bytes b;

    if (writer_close(w) != 0)
        die("writing to memory failed");
    b = bytes_of(fd);
    close(fd);
    return b;
}

/* Rows [from, to) of a frame as a frame of their own. */
static void put_rows(struct writer *w, const struct frame *f, int64_t from, int64_t to)
{
    struct attr *attrs = mem_new((size_t)f->attr_count + 1, sizeof *attrs);
    struct series_out s = { .name = f->name, .attrs = attrs };
    struct tensor t = f->tensor;
    struct texts texts = { 0 };

    for (int i = 0; i < f->attr_count; i++)
        attrs[i] = f->attrs[i];
    if (f->kind == FRAME_TEXT) {
        for (int64_t i = from; i < to; i++)
            texts_add(&texts, f->rows_of_text[i].via.str.ptr,
                      f->rows_of_text[i].via.str.size);
        s.texts = &texts;
    } else {
        t.shape[0] = to - from;
        t.data = (char *)t.data + (size_t)from * tensor_row_bytes(&t);
        s.tensor = &t;
    }
    writer_part(w, &s, 1, f->first + from, f->rows);
    texts_free(&texts);
    free(attrs);
}

struct bytes stream_cut_again(const struct bytes *stream, int n)
{
    int fd, out = memfd_create("cut", MFD_CLOEXEC);
    struct reader *r = open_bytes(stream, &fd);
    struct writer *w = writer_new(out);
    const struct frame *f;

    while (reader_next(r, &f) > 0) {
        int64_t rows = f->kind == FRAME_END ? 0 : f->tensor.shape[0];

        if (f->kind == FRAME_HEAD || (f->kind != FRAME_END && rows == 0))
            writer_frame(w, f);
        for (int64_t i = 0; f->kind != FRAME_HEAD && i < rows; i += n)
            put_rows(w, f, i, i + n < rows ? i + n : rows);
    }
    reader_close(r);
    close(fd);
    return written(w, out);
}

/* All that a stream holds, in an order that chunks do not change. */
struct content {
    struct store store;
    struct bytes heads;
};

static bool take_content(struct content *c, const struct bytes *stream)
{
    const struct frame *f;
    struct error e;
    int fd, got;
    struct reader *r = open_bytes(stream, &fd);

    *c = (struct content){ { 0 }, { 0 } };
    while ((got = reader_next(r, &f)) > 0) {
        if (f->kind == FRAME_HEAD)
            bytes_add(&c->heads, f->bytes, f->size);
        else if (f->kind != FRAME_END && store_add(&c->store, f, &e) < 0)
            die("%s", e.text);
    }
    reader_close(r);
    close(fd);
    return got == 0;
}

static bool same_attrs(const struct attr *a, const struct attr *b)
{
    for (; a->key && b->key; a++, b++)
        if (strcmp(a->key, b->key) != 0 || strcmp(a->value, b->value) != 0)
            return false;
    return !a->key && !b->key;
}

static bool same_stored(const struct stored *a, const struct stored *b)
{
    if (strcmp(a->name, b->name) != 0 || a->is_text != b->is_text ||
        !same_attrs(a->attrs, b->attrs))
        return false;
    if (a->is_text)
        return a->texts.count == b->texts.count &&
               (a->texts.count == 0 ||
                (a->texts.offset[a->texts.count] == b->texts.offset[b->texts.count] &&
                 memcmp(a->texts.bytes, b->texts.bytes,
                        a->texts.offset[a->texts.count]) == 0));
    return a->tensor.type == b->tensor.type && a->tensor.dims == b->tensor.dims &&
           memcmp(a->tensor.shape, b->tensor.shape, sizeof a->tensor.shape) == 0 &&
           tensor_digest(&a->tensor) == tensor_digest(&b->tensor);
}

bool stream_same(const struct bytes *a, const struct bytes *b)
{
    struct content x, y;
    bool whole = take_content(&x, a), same = take_content(&y, b) && whole;

    same = same && x.store.count == y.store.count && bytes_equal(&x.heads, &y.heads);
    for (int i = 0; same && i < x.store.count; i++)
        same = same_stored(&x.store.items[i], &y.store.items[i]);
    store_free(&x.store);
    store_free(&y.store);
    bytes_free(&x.heads);
    bytes_free(&y.heads);
    return same;
}

/* Where the attrs of a head begin. */
static size_t attrs_at(const struct bytes *frame)
{
    size_t at = STREAM_MAGIC_SIZE, size;
    const char *why;

    for (int i = 0; i < 2; i++) { /* kind and name */
        walk_object(frame->p + at, frame->n - at, &size, &why);
        at += size;
    }
    return at;
}

static bool is_head(const struct bytes *frame)
{
    static const char kind[] = "\xa4head";

    return memcmp(frame->p + STREAM_MAGIC_SIZE, kind, strlen(kind)) == 0;
}

static void sum_again(struct bytes *frame)
{
    frame_sum_write(frame->p + frame->n - STREAM_SUM_SIZE,
                    frame_sum(frame->p, frame->n - STREAM_SUM_SIZE - 2));
}

/* Writes frames, of which some were changed, with sums and end made anew. */
static struct bytes with_new_end(struct frames *f)
{
    int out = memfd_create("end", MFD_CLOEXEC);
    struct writer *w = writer_new(out);

    for (int i = 0; i < f->count - 1; i++) {
        const struct bytes *b = &f->list[i];

        sum_again(&f->list[i]);
        writer_frame(
            w, &(struct frame){ .bytes = b->p,
                                .size = b->n,
                                .sum = frame_sum_read(b->p + b->n - STREAM_SUM_SIZE) });
    }
    frames_free(f);
    return written(w, out);
}

struct bytes stream_with_keys(const struct bytes *stream)
{
    static const char strange[] = "\xa5later\xcd\x01\x2c"        /* "later": 300 */
                                  "\xa4rows\xa3" "all"           /* "rows": "all" */
                                  "\xa6" "frames\x92\xc3\xcb?\xf0\0\0\0\0\0\0" /* [true,
                                                                                * 1.0] */
                                  "\xa4sums\x81\xa1k\xc4\x02\0\xff"; /* {"k": binary} */
    struct frames f = frames_of(stream);

    for (int i = 0; i < f.count; i++) {
        struct bytes b = { 0 };
        size_t at;

        if (!is_head(&f.list[i]))
            continue;
        at = attrs_at(&f.list[i]);
        bytes_add(&b, f.list[i].p, at + 1);
        b.p[at] += 4; /* a fixmap of four pairs more */
        bytes_add(&b, strange, sizeof strange - 1);
        bytes_add(&b, f.list[i].p + at + 1, f.list[i].n - at - 1);
        bytes_free(&f.list[i]);
        f.list[i] = b;
    }
    return with_new_end(&f);
}

struct bytes stream_of_version(const struct bytes *stream, int version)
{
    static const char key[] = "\xa6" "format";
    struct frames f = frames_of(stream);
    unsigned char *at = memmem(f.list[0].p, f.list[0].n, key, strlen(key));

    at[strlen(key)] = (unsigned char)version;
    return with_new_end(&f);
}

bool stream_passes_heads(const struct bytes *in, const struct bytes *out)
{
    struct frames f = frames_of(in);
    bool all = true;

    for (int i = 0; i < f.count; i++)
        if (is_head(&f.list[i]))
            all &= memmem(out->p, out->n, f.list[i].p, f.list[i].n) != NULL;
    frames_free(&f);
    return all;
}
