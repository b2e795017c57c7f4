#include "text/charsmap.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define WHOLE_BELOW 6 /* bytes: longer graphemes go character by character */

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The bytes of base64 (RFC 4648) into out, which has room for 3 for each 4 letters; how
 * many, or -1. */
static ptrdiff_t base64_read(const char *text, unsigned char *out)
{
    size_t letters = strcspn(text, "="), rest = strlen(text + letters);
    ptrdiff_t n = 0;
    uint32_t bits = 0;

    if ((letters + rest) % 4 != 0 || rest > 2 || strspn(text + letters, "=") != rest)
        return -1;
    for (size_t i = 0; i < letters; i++) {
        int v = base64_value(text[i]);

        if (v < 0)
            return -1;
        bits = bits << 6 | (uint32_t)v;
        if (i % 4 > 0)
            out[n++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
    }
    return n;
}

static uint32_t little_endian(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

int charsmap_read(struct charsmap *m, const char *base64, struct error *e)
{
    unsigned char *raw = mem_new(strlen(base64) / 4 * 3 + 4, 1);
    ptrdiff_t n = base64_read(base64, raw);
    uint32_t size = n >= 4 ? little_endian(raw) : 0;
    int result = 0;

    *m = (struct charsmap){ 0 };
    if (n < 0)
        result = fail(e, "the map of characters is not base64");
    else if (n < 8 || size < 4 || size % 4 != 0 || size > (size_t)n - 4)
        result = fail(e, "the map of characters has %td bytes, %u of them as a table", n,
                      size);
    else {
        m->units = size / 4;
        m->unit = mem_new(m->units, sizeof *m->unit);
        for (size_t i = 0; i < m->units; i++)
            m->unit[i] = little_endian(raw + 4 + 4 * i);
        m->bytes = (size_t)n - 4 - size;
        m->text = memcpy(mem_new(m->bytes + 1, 1), raw + 4 + size, m->bytes);
        if (m->bytes == 0)
            result = fail(e, "the map of characters maps to nothing");
    }
    free(raw);
    return result;
}

void charsmap_free(struct charsmap *m)
{
    free(m->unit);
    free(m->text);
}

/* Darts' units: where the children are, the byte that leads here, and whether a key
 * ends here. */
static size_t unit_offset(uint32_t u)
{
    return (size_t)(u >> 10) << ((u & 1u << 9) >> 6);
}

static uint32_t unit_label(uint32_t u)
{
    return u & (1u << 31 | 0xff);
}

static bool unit_has_leaf(uint32_t u)
{
    return u >> 8 & 1;
}

/* What the shortest key at the beginning of n bytes maps to, or NULL. */
static const char *find(const struct charsmap *m, const char *key, size_t n)
{
    size_t node = unit_offset(m->unit[0]);

    for (size_t i = 0; i < n && key[i]; i++) {
        uint32_t unit;

        node ^= (unsigned char)key[i];
        if (node >= m->units || unit_label(unit = m->unit[node]) != (unsigned char)key[i])
            return NULL;
        node ^= unit_offset(unit);
        if (unit_has_leaf(unit) && node < m->units) {
            size_t at = m->unit[node] & ~(1u << 31);

            return at < m->bytes ? m->text + at : NULL;
        }
    }
    return NULL;
}

/* Appends what c[0..n) maps to; false where it maps to nothing of the kind. */
static bool replace(const struct charsmap *m, struct runes *out, const int32_t *c, long n)
{
    char key[WHOLE_BELOW + 4];
    const char *to = find(m, key, runes_write(key, NULL, c, n));

    return to && runes_read(out, to, strlen(to));
}

static long bytes_of(const int32_t *c, long n)
{
    long bytes = 0;

    for (long i = 0; i < n; i++)
        bytes += c[i] < 0x80 ? 1 : c[i] < 0x800 ? 2 : c[i] < 0x10000 ? 3 : 4;
    return bytes;
}

void charsmap_apply(const struct charsmap *m, struct runes *r)
{
    struct runes out = { 0 };
    utf8proc_int32_t state = 0;

    for (long i = 0, end; i < r->n; i = end) {
        end = i + 1;
        while (end < r->n
               && !utf8proc_grapheme_break_stateful(r->c[end - 1], r->c[end], &state))
            end++;
        if (bytes_of(r->c + i, end - i) < WHOLE_BELOW
            && replace(m, &out, r->c + i, end - i))
            continue;
        for (long k = i; k < end; k++)
            if (!replace(m, &out, r->c + k, 1))
                runes_push(&out, r->c[k]);
    }
    runes_free(r);
    *r = out;
}
