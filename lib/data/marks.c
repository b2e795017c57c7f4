#include "data/marks.h"

#include <endian.h>
#include <string.h>

#define ONES UINT64_C(0x0101010101010101)
#define LOW UINT64_C(0x7f7f7f7f7f7f7f7f)

/* The high bit of each byte of x that is 0: a carry out of the low seven bits, or the
 * high bit itself, says that it is not. */
static uint64_t zeros(uint64_t x)
{
    return ~(((x & LOW) + LOW) | x | LOW);
}

/* The place of the first byte that is marked in m, and m without it; 7 where there is
 * none. */
static uint32_t pop(uint64_t *m)
{
    uint32_t place = (uint32_t)__builtin_ctzll(*m | UINT64_C(1) << 63) / 8;

    *m &= *m - 1;
    return place;
}

/* Up to 8 bytes at place i. */
static void look(struct marks *m, uint64_t word, uint64_t separators, uint32_t i)
{
    uint64_t found = zeros(word ^ separators) | zeros(word ^ '\n' * ONES);
    uint32_t *at = m->at + m->count;

    m->count += (size_t)__builtin_popcountll(found);
    m->quotes |= zeros(word ^ '"' * ONES) != 0;
    at[0] = i + pop(&found); /* as a rule there are one or two: no branch decides */
    at[1] = i + pop(&found);
    for (at += 2; found; at++)
        *at = i + pop(&found);
}

size_t marks_find(struct marks *m, const unsigned char *p, size_t n, char separator)
{
    uint64_t separators = (unsigned char)separator * ONES, word;
    size_t i = 0;

    if (n > MARKS_BYTES)
        n = MARKS_BYTES;
    m->count = 0;
    m->quotes = false;
    for (; i + sizeof word <= n; i += sizeof word) {
        memcpy(&word, p + i, sizeof word);
        look(m, le64toh(word), separators, (uint32_t)i);
    }
    if (i < n) {
        word = 0; /* neither a separator nor the end of a line */
        memcpy(&word, p + i, n - i);
        look(m, le64toh(word), separators, (uint32_t)i);
    }
    return n;
}
