#include "util/unpack.h"

#include "util/mem.h"

#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define IN_SIZE ((size_t)256 << 10)
#define XZ_MEMORY ((uint64_t)256 << 20)
#define FREE_BYTES ((uint64_t)1 << 30) /* that any file may expand to */
#define MOST_TIMES 200                 /* beyond them */

struct method;

struct unpack {
    unpack_source *source;
    void *from;
    const struct method *method; /* NULL: not known yet */
    unsigned char in[IN_SIZE];
    size_t at, have; /* in[at .. have) is still to be taken */
    bool source_ended, within; /* within a frame */
    uint64_t taken, given;
    z_stream gzip;
    ZSTD_DStream *zstd;
    lzma_stream xz;
    char reason[160];
};

/* A way of packing.  step expands into p (n bytes): how many, or -1 and u->reason; it
 * clears u->within at the end of a frame. */
struct method {
    const char *name, *magic;
    size_t length; /* of magic */
    bool (*begin)(struct unpack *u);
    ssize_t (*step)(struct unpack *u, void *p, size_t n);
    void (*end)(struct unpack *u);
};

static ssize_t wrong(struct unpack *u, const char *what)
{
    snprintf(u->reason, sizeof u->reason, "%s: %s",
             u->method ? u->method->name : "compressed", what);
    errno = EBADMSG;
    return -1;
}

static bool gzip_begin(struct unpack *u)
{
    return (u->taken > 0 || u->gzip.state ? inflateReset(&u->gzip)
                                          : inflateInit2(&u->gzip, 15 + 16)) == Z_OK;
}

static ssize_t gzip_step(struct unpack *u, void *p, size_t n)
{
    int result;

    u->gzip.next_in = u->in + u->at;
    u->gzip.avail_in = (unsigned)(u->have - u->at);
    u->gzip.next_out = p;
    u->gzip.avail_out = (unsigned)n;
    result = inflate(&u->gzip, Z_NO_FLUSH);
    u->at = u->have - u->gzip.avail_in;
    if (result == Z_STREAM_END)
        u->within = false;
    else if (result != Z_OK && result != Z_BUF_ERROR)
        return wrong(u, u->gzip.msg ? u->gzip.msg : "damaged");
    return (ssize_t)(n - u->gzip.avail_out);
}

static void gzip_end(struct unpack *u)
{
    inflateEnd(&u->gzip);
}

static bool zstd_begin(struct unpack *u)
{
    if (!u->zstd)
        u->zstd = ZSTD_createDStream();
    return u->zstd && !ZSTD_isError(ZSTD_initDStream(u->zstd));
}

static ssize_t zstd_step(struct unpack *u, void *p, size_t n)
{
    ZSTD_inBuffer in = { u->in, u->have, u->at };
    ZSTD_outBuffer out = { p, n, 0 };
    size_t left = ZSTD_decompressStream(u->zstd, &out, &in);

    u->at = in.pos;
    if (ZSTD_isError(left))
        return wrong(u, ZSTD_getErrorName(left));
    u->within = left != 0;
    return (ssize_t)out.pos;
}

static void zstd_end(struct unpack *u)
{
    ZSTD_freeDStream(u->zstd);
}

static bool xz_begin(struct unpack *u)
{
    return lzma_stream_decoder(&u->xz, XZ_MEMORY, 0) == LZMA_OK;
}

static ssize_t xz_step(struct unpack *u, void *p, size_t n)
{
    lzma_ret result;

    u->xz.next_in = u->in + u->at;
    u->xz.avail_in = u->have - u->at;
    u->xz.next_out = p;
    u->xz.avail_out = n;
    result = lzma_code(&u->xz, LZMA_RUN);
    u->at = u->have - u->xz.avail_in;
    if (result == LZMA_STREAM_END)
        u->within = false;
    else if (result == LZMA_MEMLIMIT_ERROR)
        return wrong(u, "needs more than 256 MiB to be expanded");
    else if (result != LZMA_OK && result != LZMA_BUF_ERROR)
        return wrong(u, "damaged");
    return (ssize_t)(n - u->xz.avail_out);
}

static void xz_end(struct unpack *u)
{
    lzma_end(&u->xz);
}

/* What cannot be expanded is named. */
static const struct method methods[] = {
    { "gzip", "\x1f\x8b", 2, gzip_begin, gzip_step, gzip_end },
    { "zstd", "\x28\xb5\x2f\xfd", 4, zstd_begin, zstd_step, zstd_end },
    { "xz", "\xfd\x37zXZ\0", 6, xz_begin, xz_step, xz_end },
    { "a zip archive", "PK\x03\x04", 4, NULL, NULL, NULL },
    { "bzip2", "BZh91AY&SY", 10, NULL, NULL, NULL },
    { "lz4", "\x04\x22\x4d\x18", 4, NULL, NULL, NULL },
    { "7-Zip", "7z\xbc\xaf\x27\x1c", 6, NULL, NULL, NULL },
};
static const struct method plain = { "plain", "", 0, NULL, NULL, NULL };

struct unpack *unpack_new(unpack_source *source, void *from)
{
    struct unpack *u = mem_new(1, sizeof *u);

    u->source = source;
    u->from = from;
    u->xz = (lzma_stream)LZMA_STREAM_INIT;
    return u;
}

void unpack_free(struct unpack *u)
{
    if (u && u->method && u->method->end)
        u->method->end(u);
    free(u);
}

const char *unpack_reason(const struct unpack *u)
{
    return *u->reason ? u->reason : NULL;
}

/* Takes more of the source behind what is there: 1, 0 at its end, -1. */
static int fill(struct unpack *u)
{
    ssize_t got;

    if (u->at == u->have)
        u->at = u->have = 0;
    got = u->source(u->from, u->in + u->have, IN_SIZE - u->have);
    u->source_ended = got == 0;
    if (got > 0)
        u->have += (size_t)got;
    return got > 0 ? 1 : (int)got;
}

/* The method whose magic the bytes begin with; NULL with *more where they are too few
 * to tell. */
static const struct method *method_of(const unsigned char *p, size_t n, bool *more)
{
    *more = n == 0;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        const struct method *m = &methods[i];

        if (n >= m->length && memcmp(p, m->magic, m->length) == 0)
            return m;
        *more |= n < m->length && memcmp(p, m->magic, n) == 0;
    }
    return NULL;
}

/* No byte more than needed is waited for: the source may be a terminal. */
static int recognise(struct unpack *u)
{
    const struct method *m;
    bool more;
    int got = 1;

    while (!(m = method_of(u->in + u->at, u->have - u->at, &more)) && more && got > 0)
        got = fill(u);
    if (got < 0)
        return -1;
    u->method = m ? m : &plain;
    if (m && !m->begin)
        return (int)wrong(u, "is not read: expand it first");
    return 0;
}

/* Between frames: another one may follow, or the end, or the zeros that tapes add. */
static int next_frame(struct unpack *u)
{
    bool more;

    for (;;) {
        if (u->at == u->have) {
            int got = fill(u);

            if (got <= 0)
                return got;
        }
        if (u->given > 0 && u->in[u->at] == 0) {
            u->at++;
            continue;
        }
        if (method_of(u->in + u->at, u->have - u->at, &more) == u->method)
            break;
        if (!more || u->source_ended)
            return (int)wrong(u, "something else follows the compressed data");
        memmove(u->in, u->in + u->at, u->have - u->at);
        u->have -= u->at;
        u->at = 0;
        if (fill(u) < 0)
            return -1;
    }
    if (!u->method->begin(u))
        return (int)wrong(u, "cannot begin");
    u->within = true;
    return 1;
}

static ssize_t expand(struct unpack *u, void *p, size_t n)
{
    for (;;) {
        size_t before = u->at;
        ssize_t made;

        if (!u->within) {
            int got = next_frame(u);

            if (got <= 0)
                return got;
            before = u->at;
        }
        made = u->method->step(u, p, n);
        u->taken += u->at - before;
        if (made < 0)
            return -1;
        u->given += (uint64_t)made;
        if (u->given > FREE_BYTES && u->given / MOST_TIMES > u->taken)
            return wrong(u, "expands to more than 200 times its size (beyond 1 GiB): if "
                            "that is right, expand it first");
        if (made > 0)
            return made;
        if (u->within && u->at == u->have) {
            int got = fill(u);

            if (got < 0)
                return -1;
            if (got == 0)
                return wrong(u, "cut short");
        }
    }
}

ssize_t unpack_read(struct unpack *u, void *p, size_t n)
{
    size_t left;

    if (*u->reason || (!u->method && recognise(u) != 0))
        return -1;
    if (u->method != &plain)
        return expand(u, p, n);
    left = u->have - u->at;
    if (left == 0)
        return u->source(u->from, p, n);
    if (left > n)
        left = n;
    memcpy(p, u->in + u->at, left);
    u->at += left;
    return (ssize_t)left;
}
