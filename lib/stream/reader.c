#include "stream/reader.h"

#include "stream/walk.h"
#include "util/channel.h"
#include "util/file_guard.h"
#include "util/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

/* How far a name has come. */
struct series {
    char *name;
    uint64_t digest; /* of what is the same in all its chunks */
    int64_t next, rows;
};

struct reader {
    int fd;
    char *name;
    unsigned char *buffer; /* bytes [begin, end) are read and not yet used */
    size_t room, begin, end;
    struct frame frame;
    int64_t count;         /* frames in all */
    int64_t since_end;     /* frames since the last end */
    XXH3_state_t *sums;    /* over their sums */
    bool fragment, failed, ended, any;
    struct series *series;
    int series_count, series_room;
    struct error error;
};

struct reader *reader_open(const char *path, struct error *e)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open_retry(path, O_RDONLY | O_CLOEXEC, 0);
    struct reader *r;

    if (fd < 0) {
        fail(e, "%s: %s", path, strerror(errno));
        return NULL;
    }
    if (file_guard_input(fd, is_stdin ? "<stdin>" : path, e) < 0) {
        if (!is_stdin)
            close(fd);
        return NULL;
    }
    fcntl(fd, F_SETPIPE_SZ, STREAM_CHUNK_BYTES); /* only pipes, and only a hint */
    r = mem_new(1, sizeof *r);
    r->fd = fd;
    r->name = mem_string(is_stdin ? "<stdin>" : path);
    r->room = 4 << 20;
    r->buffer = mem_resize(NULL, r->room, 1);
    r->sums = XXH3_createState();
    XXH3_64bits_reset(r->sums);
    return r;
}

void reader_accept_fragment(struct reader *r)
{
    r->fragment = true;
}

/* Prefixes the reason with file and frame; always returns -1. */
static int reader_fail(struct reader *r)
{
    r->failed = true;
    return fail_in(&r->error, "%s: frame %lld", r->name, (long long)r->count + 1);
}

/* Reads until want bytes are in the buffer: 1, or 0 where the input ends first,
 * or -1. */
static int fill(struct reader *r, size_t want)
{
    if (r->begin == r->end)
        r->begin = r->end = 0;
    if (r->room - r->begin < want) {
        memmove(r->buffer, r->buffer + r->begin, r->end - r->begin);
        r->end -= r->begin;
        r->begin = 0;
        if (r->room < want) {
            r->room = want;
            r->buffer = mem_resize(r->buffer, r->room, 1);
        }
    }
    while (r->end - r->begin < want) {
        ssize_t n = read(r->fd, r->buffer + r->end, r->room - r->end);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            r->failed = true;
            return fail(&r->error, "%s: %s", r->name, strerror(errno));
        }
        if (n == 0)
            return 0;
        r->any = true;
        r->end += (size_t)n;
    }
    return 1;
}

/* The bytes of the next frame: 1 and *size, 0 at the end of input, -1. */
static int next_bytes(struct reader *r, size_t *size)
{
    size_t want = 1;

    for (;;) {
        int got = fill(r, want);
        size_t have = r->end - r->begin;
        size_t magic = have < STREAM_MAGIC_SIZE ? have : STREAM_MAGIC_SIZE;
        const char *why = NULL;

        if (got < 0)
            return -1;
        if (memcmp(r->buffer + r->begin, stream_magic, magic) != 0) {
            fail(&r->error, "not a millrace stream");
            return reader_fail(r);
        }
        if (got == 0 && have == 0)
            return 0;
        if (got == 0) {
            r->failed = true;
            return fail(&r->error, "%s: cut short after %lld frames, in a frame", r->name,
                        (long long)r->count);
        }
        switch (walk_object(r->buffer + r->begin, have, size, &why)) {
        case WALK_WHOLE:
            return 1;
        case WALK_MORE:
            want = *size;
            break;
        case WALK_BAD:
            fail(&r->error, "%s", why);
            return reader_fail(r);
        }
    }
}

static struct series *find_series(struct reader *r, const char *name)
{
    for (int i = 0; i < r->series_count; i++)
        if (strcmp(r->series[i].name, name) == 0)
            return &r->series[i];
    MEM_PUSH(r->series, r->series_count, r->series_room,
             (struct series){ .name = mem_string(name) });
    return &r->series[r->series_count - 1];
}

/* Kind, type, shape but for the rows, attributes. */
static uint64_t series_digest(const struct frame *f)
{
    uint64_t d = (uint64_t)f->kind << 8 | (uint64_t)f->tensor.type;

    d = XXH3_64bits_withSeed(f->tensor.shape + 1,
                             (size_t)(f->tensor.dims - 1) * sizeof *f->tensor.shape, d);
    for (int i = 0; i < f->attr_count; i++) {
        d = XXH3_64bits_withSeed(f->attrs[i].key, strlen(f->attrs[i].key), d);
        d = XXH3_64bits_withSeed(f->attrs[i].value, strlen(f->attrs[i].value), d);
    }
    return d;
}

/* Row 0 starts a name anew; other rows follow without gap, of the same kind. */
static int check_series(struct reader *r, const struct frame *f)
{
    struct series *s = find_series(r, f->name);
    bool starts = f->first == 0 || (r->fragment && s->rows == s->next);

    if (starts && s->next < s->rows && !r->fragment)
        return fail(&r->error, "'%s' starts anew after %lld of %lld rows", f->name,
                    (long long)s->next, (long long)s->rows);
    if (!starts && (f->first != s->next || f->rows != s->rows))
        return fail(&r->error,
                    "'%s' has rows from %lld of %lld, expected row %lld of %lld", f->name,
                    (long long)f->first, (long long)f->rows, (long long)s->next,
                    (long long)s->rows);
    if (!starts && series_digest(f) != s->digest)
        return fail(&r->error, "'%s' changes its type, shape or attrs at row %lld",
                    f->name, (long long)f->first);
    s->digest = series_digest(f);
    s->rows = f->rows;
    s->next = f->first + frame_chunk_rows(f);
    if (r->fragment && s->next == s->rows)
        s->next = s->rows = 0; /* any row may follow */
    return 0;
}

static int check_end(struct reader *r, const struct frame *f)
{
    if (r->since_end == 0 && !r->fragment)
        return fail(&r->error, "an end that ends nothing: frames are missing or moved");
    if (!r->fragment &&
        (f->frames != r->since_end || f->sums != XXH3_64bits_digest(r->sums)))
        return fail(&r->error,
                    "the end says %lld frames, found %lld: frames are missing or moved",
                    (long long)f->frames, (long long)r->since_end);
    for (int i = 0; i < r->series_count && !r->fragment; i++)
        if (r->series[i].next < r->series[i].rows)
            return fail(&r->error, "'%s' has %lld of %lld rows", r->series[i].name,
                        (long long)r->series[i].next, (long long)r->series[i].rows);
    r->since_end = 0;
    XXH3_64bits_reset(r->sums);
    r->ended = true;
    return 0;
}

static int check_frame(struct reader *r, const struct frame *f)
{
    unsigned char sum[STREAM_SUM_SIZE];

    if (f->kind == FRAME_END)
        return check_end(r, f);
    if (r->since_end == 0 && f->kind != FRAME_HEAD && !r->fragment)
        return fail(&r->error, "a stream begins with a head, found a %s",
                    frame_kind_names[f->kind]);
    r->ended = false;
    r->since_end++;
    frame_sum_write(sum, f->sum);
    XXH3_64bits_update(r->sums, sum, sizeof sum);
    return f->kind == FRAME_HEAD ? 0 : check_series(r, f);
}

/* The input is used up: whole only if its last frame was an end. */
static int finish(struct reader *r)
{
    if ((r->fragment && r->any) || r->ended)
        return 0;
    r->failed = true;
    if (!r->any && r->fd == STDIN_FILENO)
        return fail(&r->error, "no input");
    if (!r->any)
        return fail(&r->error, "%s: empty", r->name);
    return fail(&r->error, "%s: cut short after %lld frames", r->name,
                (long long)r->count);
}

int reader_next(struct reader *r, const struct frame **f)
{
    size_t size;
    int got;

    if (r->failed)
        return -1;
    frame_free(&r->frame);
    got = next_bytes(r, &size);
    if (got <= 0)
        return got < 0 ? -1 : finish(r);
    if (frame_parse(&r->frame, r->buffer + r->begin, size, &r->error) < 0 ||
        check_frame(r, &r->frame) < 0)
        return reader_fail(r);
    r->begin += size;
    r->count++;
    *f = &r->frame;
    return 1;
}

const char *reader_error(const struct reader *r)
{
    return r->error.text;
}

const char *reader_name(const struct reader *r)
{
    return r->name;
}

int64_t reader_frames(const struct reader *r)
{
    return r->count;
}

void reader_close(struct reader *r)
{
    if (!r)
        return;
    frame_free(&r->frame);
    XXH3_freeState(r->sums);
    for (int i = 0; i < r->series_count; i++)
        free(r->series[i].name);
    free(r->series);
    free(r->buffer);
    free(r->name);
    if (r->fd != STDIN_FILENO)
        close(r->fd);
    free(r);
}
