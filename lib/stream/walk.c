#include "stream/walk.h"

#include <stdint.h>

/* What a first byte says: bytes of the header, bytes of its length field, and
 * whether that length counts bytes, items or pairs. */
struct shape {
    size_t header;
    uint64_t bytes, items;
};

static uint64_t big_endian(const unsigned char *p, int bytes)
{
    uint64_t v = 0;

    for (int i = 0; i < bytes; i++)
        v = v << 8 | p[i];
    return v;
}

/* Bytes of the length field that follows first byte c, 0 if there is none. */
static int length_bytes(unsigned char c)
{
    switch (c) {
    case 0xc4: case 0xd9:
        return 1;
    case 0xc5: case 0xda: case 0xdc: case 0xde:
        return 2;
    case 0xc6: case 0xdb: case 0xdd: case 0xdf:
        return 4;
    default:
        return 0;
    }
}

/* Bytes that follow first byte c where its type has a fixed size. */
static int fixed_bytes(unsigned char c)
{
    static const unsigned char after_ca[] = { 4, 8, 1, 2, 4, 8, 1, 2, 4, 8 };

    return c >= 0xca && c <= 0xd3 ? after_ca[c - 0xca] : 0;
}

/* Only what a frame is made of: no extension types (c7-c9, d4-d8), no c1. */
static int known(unsigned char c)
{
    return !(c == 0xc1 || (c >= 0xc7 && c <= 0xc9) || (c >= 0xd4 && c <= 0xd8));
}

/* p[0..n) holds at least the header. */
static struct shape header_shape(const unsigned char *p)
{
    unsigned char c = p[0];
    int length = length_bytes(c);
    uint64_t v = big_endian(p + 1, length);
    struct shape s = { .header = 1 + (size_t)length };

    if (c >= 0x80 && c <= 0x8f)
        s.items = 2 * (uint64_t)(c & 15);
    else if (c >= 0x90 && c <= 0x9f)
        s.items = c & 15;
    else if (c >= 0xa0 && c <= 0xbf)
        s.bytes = c & 31;
    else if (c == 0xdc || c == 0xdd)
        s.items = v;
    else if (c == 0xde || c == 0xdf)
        s.items = 2 * v;
    else
        s.bytes = length ? v : (uint64_t)fixed_bytes(c);
    return s;
}

enum walk_result walk_object(const unsigned char *p, size_t n, size_t *size,
                             const char **why)
{
    uint64_t left[WALK_DEPTH] = { 1 };
    uint64_t items = 0;
    size_t at = 0;
    int depth = 0;

    while (depth >= 0) {
        struct shape s;

        if (left[depth] == 0) {
            depth--;
            continue;
        }
        *size = at + 1;
        if (at >= n)
            return WALK_MORE;
        *why = "a byte that begins nothing";
        if (!known(p[at]))
            return WALK_BAD;
        *size = at + 1 + (size_t)length_bytes(p[at]);
        if (*size > n)
            return WALK_MORE;
        s = header_shape(p + at);
        left[depth]--;
        *why = "longer than 64 MiB"; /* every item takes at least a byte */
        if (at + s.header + s.bytes + s.items > FRAME_BYTES_MAX)
            return WALK_BAD;
        items += s.items;
        *why = "more than a million items";
        if (items > FRAME_ITEMS_MAX)
            return WALK_BAD;
        at += s.header + (size_t)s.bytes;
        if (s.items) {
            *why = "nested too deeply";
            if (++depth == WALK_DEPTH)
                return WALK_BAD;
            left[depth] = s.items;
        }
    }
    *size = at;
    return at > n ? WALK_MORE : WALK_WHOLE;
}
