#include "data/text_window.h"

#include "data/foreign.h"
#include "util/file_guard.h"
#include "util/mem.h"
#include "util/progress.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <utf8proc.h>

#define BLOCK ((size_t)512 << 10)
#define MEGABYTE 1000000

/* Are these bytes (n) ASCII, and none of them NUL?  Eight at a time: a byte x has its
 * high bit set in (x - 1) & ~x where x is 0. */
static bool is_plain(const unsigned char *p, size_t n)
{
    const uint64_t high = UINT64_C(0x8080808080808080),
                   ones = UINT64_C(0x0101010101010101);
    uint64_t bad = 0, word;

    for (; n >= sizeof word; p += sizeof word, n -= sizeof word) {
        memcpy(&word, p, sizeof word);
        bad |= word | (word - ones);
    }
    for (; n > 0; n--, p++)
        bad |= *p >= 128 || *p == 0 ? high : 0;
    return (bad & high) == 0;
}

bool text_window_valid(const unsigned char *p, size_t n, size_t *at)
{
    for (size_t i = 0; i < n;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t size = p[i] < 128 && p[i] > 0 ? 1
            : p[i] == 0 ? -1
                        : utf8proc_iterate(p + i, (utf8proc_ssize_t)(n - i), &c);

        if (size <= 0) {
            *at = i;
            return false;
        }
        i += (size_t)size;
    }
    return true;
}

/* Bytes of the file as they are: how many, 0 at the end, -1. */
static ssize_t take(struct text_window *w, unsigned char *p, size_t n, struct error *e)
{
    ssize_t got = channel_take(&w->in, p, n);

    return got < 0 ? fail(e, "%s", channel_reason(&w->in)) : got;
}

/* Converts what is in raw into p (n bytes); a character cut at raw's end waits there.
 * What stands before a byte that cannot be converted comes first, so that the reader is
 * at that byte's record when it fails. */
static ssize_t convert(struct text_window *w, unsigned char *p, size_t n, struct error *e)
{
    char *in = (char *)w->raw, *out = (char *)p;
    size_t in_left = w->raw_count, out_left = n;

    if (iconv(w->converter, &in, &in_left, &out, &out_left) == (size_t)-1 &&
        errno != E2BIG && errno != EINVAL && out_left == n)
        return fail(e, "byte 0x%02x is none of the encoding", (unsigned char)*in);
    memmove(w->raw, in, in_left);
    w->raw_count = in_left;
    return (ssize_t)(n - out_left);
}

static ssize_t take_converted(struct text_window *w, unsigned char *p, size_t n,
                              struct error *e)
{
    for (;;) {
        ssize_t made = w->raw_count > 0 ? convert(w, p, n, e) : 0, got;

        if (made != 0)
            return made;
        got = take(w, w->raw + w->raw_count, BLOCK - w->raw_count, e);
        if (got == 0 && w->raw_count > 0)
            return fail(e, "ends within a character of the encoding");
        if (got <= 0)
            return got;
        w->raw_count += (size_t)got;
    }
}

int text_window_more(struct text_window *w, struct error *e)
{
    size_t kept = w->end - w->begin;
    ssize_t got;

    if (w->ended)
        return 0;
    if (kept >= TEXT_RECORD_MAX)
        return fail(e, "a record of more than %d MiB", TEXT_RECORD_MAX >> 20);
    if (kept > 0)
        memmove(w->data, w->data + w->begin, kept);
    if (kept + BLOCK > w->room) {
        w->room = 2 * (kept + BLOCK);
        w->data = mem_resize(w->data, w->room + 1, 1);
    }
    w->begin = 0;
    w->end = kept;
    got = w->converter ? take_converted(w, w->data + kept, w->room - kept, e)
                       : take(w, w->data + kept, w->room - kept, e);
    if (got < 0)
        return -1;
    w->ended = got == 0;
    w->end += (size_t)got;
    w->plain = is_plain(w->data, w->end);
    return got > 0;
}

/* Room for the bytes before they are UTF-8; 0, or -1: no such encoding. */
static int open_converter(struct text_window *w, const char *encoding, struct error *e)
{
    iconv_t converter;

    if (!encoding || strcasecmp(encoding, "utf-8") == 0 ||
        strcasecmp(encoding, "utf8") == 0)
        return 0;
    if (strcasecmp(encoding, "latin-1") == 0)
        encoding = "ISO-8859-1";
    converter = iconv_open("UTF-8", encoding);
    if (converter == (iconv_t)-1)
        return fail(e, "no encoding '%s' is known (iconv -l lists them)", encoding);
    w->converter = converter;
    w->raw = mem_new(BLOCK, 1);
    return 0;
}

enum { MARK = 16 }; /* bytes that tell what a file is */

/* A byte order mark is no part of the text; the other ones name an encoding. */
static int pass_mark(struct text_window *w, struct error *e)
{
    const unsigned char *p = w->data + w->begin;
    size_t n = w->end - w->begin;

    if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        w->begin += 3;
    else if (!w->converter && n >= 2 &&
             (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0))
        return fail(e, "is UTF-16: --encoding utf-16 reads it");
    else if (foreign_bytes(p, n))
        return fail(e, "%s", foreign_bytes(p, n));
    return 0;
}

int text_window_open(struct text_window *w, const char *path, const char *encoding,
                     struct error *e)
{
    struct stat s;
    int got = 1;

    *w = (struct text_window){ .path = path };
    if (open_converter(w, encoding, e) != 0)
        return -1;
    channel_read(&w->in, path);
    if (!w->in.f)
        return fail(e, "%s: %s", path, strerror(errno));
    if (file_guard_input(w->in.fd, path, e) != 0)
        return -1;
    if (fstat(w->in.fd, &s) == 0 && S_ISDIR(s.st_mode))
        return fail(e, "%s: is a folder", path);
    w->size = S_ISREG(s.st_mode) ? s.st_size : 0;
    while (w->end < MARK && got > 0) /* a mark may come in pieces */
        got = text_window_more(w, e);
    return got < 0 || pass_mark(w, e) != 0 ? fail_in(e, "%s", path) : 0;
}

void text_window_close(struct text_window *w)
{
    if (w->in.f)
        channel_close(&w->in);
    if (w->converter)
        iconv_close(w->converter);
    free(w->raw);
    free(w->data);
    *w = (struct text_window){ 0 };
}

void text_window_progress(const struct text_window *w)
{
    progress_update((long)(w->in.taken / MEGABYTE), NULL);
}
