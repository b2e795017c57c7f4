#include "text/string_index.h"

#include "util/error.h"
#include "util/escape.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Where the string is, or the free slot where it would stand. */
static size_t find_slot(const struct string_index *n, const char *s, size_t length)
{
    size_t mask = n->slots - 1, i = XXH3_64bits(s, length) & mask;

    for (; n->slot[i]; i = (i + 1) & mask) {
        const size_t *offset = n->texts.offset + (n->slot[i] - 1);

        if (offset[1] - offset[0] - 1 == length &&
            memcmp(n->texts.bytes + offset[0], s, length) == 0)
            break;
    }
    return i;
}

static void grow(struct string_index *n)
{
    free(n->slot);
    n->slots = n->slots ? 2 * n->slots : 1024;
    n->slot = mem_new(n->slots, sizeof *n->slot);
    for (int64_t k = 0; k < n->texts.count; k++)
        n->slot[find_slot(n, texts_at(&n->texts, k), texts_length(&n->texts, k))] =
            (int32_t)k + 1;
}

/* Short strings by their bytes: a table of the last one of each hash, which is asked
 * before the slots.  Ids of data sets are such strings, and few are most of them. */
struct recent {
    uint64_t bytes; /* of length bytes, in two halves that overlap */
    uint32_t length; /* 0: nothing is here */
    int32_t number;
};

enum { RECENT_BITS = 15, SHORT_LEAST = 1, SHORT_MOST = 8 };

static uint64_t bytes_of(const char *s, size_t length)
{
    uint32_t first, last;

    if (length < 4)
        return (uint64_t)(unsigned char)s[0] | (uint64_t)(unsigned char)s[length / 2] << 8
               | (uint64_t)(unsigned char)s[length - 1] << 16;
    memcpy(&first, s, sizeof first);
    memcpy(&last, s + length - sizeof last, sizeof last);
    return first | (uint64_t)last << 32;
}

static struct recent *recent_of(struct string_index *n, uint64_t bytes)
{
    const uint64_t golden = UINT64_C(0x9e3779b97f4a7c15); /* 2^64 / golden ratio */

    if (!n->recent)
        n->recent = mem_new((size_t)1 << RECENT_BITS, sizeof *n->recent);
    return &n->recent[bytes * golden >> (64 - RECENT_BITS)];
}

int32_t string_index_find(const struct string_index *n, const char *s, size_t length)
{
    return n->slots ? n->slot[find_slot(n, s, length)] - 1 : -1;
}

int32_t string_index_find_written(const struct string_index *n, const char *s,
                                  size_t length)
{
    int32_t number = string_index_find(n, s, length);
    struct error e;
    char *copy;
    long plain;

    if (number >= 0 || !memchr(s, '\\', length) || memchr(s, 0, length))
        return number;
    copy = mem_new(length + 1, 1);
    memcpy(copy, s, length);
    plain = escape_undo(copy, ESCAPE_LETTERS, &e);
    if (plain >= 0)
        number = string_index_find(n, copy, (size_t)plain);
    free(copy);
    return number;
}

static int32_t add(struct string_index *n, const char *s, size_t length)
{
    size_t i;

    if (2 * (size_t)n->texts.count >= n->slots)
        grow(n);
    i = find_slot(n, s, length);
    if (!n->slot[i]) {
        if (n->texts.count == INT32_MAX - 1)
            die("more than %d distinct ids", INT32_MAX - 1);
        texts_add(&n->texts, s, length);
        n->slot[i] = (int32_t)n->texts.count;
    }
    return n->slot[i] - 1;
}

int32_t string_index_add(struct string_index *n, const char *s, size_t length)
{
    uint64_t bytes;
    struct recent *r;

    if (length < SHORT_LEAST || length > SHORT_MOST)
        return add(n, s, length);
    bytes = bytes_of(s, length);
    r = recent_of(n, bytes);
    if (r->bytes != bytes || r->length != length)
        *r = (struct recent){ bytes, (uint32_t)length, add(n, s, length) };
    return r->number;
}

void string_index_free(struct string_index *n)
{
    texts_free(&n->texts);
    free(n->slot);
    free(n->recent);
    *n = (struct string_index){ 0 };
}
