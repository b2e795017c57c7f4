#include "text/runes.h"

#include "util/mem.h"

#include <stdlib.h>
#include <utf8proc.h>

void runes_push(struct runes *r, int32_t c)
{
    MEM_PUSH(r->c, r->n, r->room, c);
}

void runes_free(struct runes *r)
{
    free(r->c);
    *r = (struct runes){ 0 };
}

bool runes_read(struct runes *r, const char *text, size_t bytes)
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text;
    long before = r->n;
    int32_t c;

    while (bytes > 0) {
        utf8proc_ssize_t used = utf8proc_iterate(p, (utf8proc_ssize_t)bytes, &c);

        if (used <= 0) {
            r->n = before;
            return false;
        }
        runes_push(r, c);
        p += used;
        bytes -= (size_t)used;
    }
    return true;
}

size_t runes_write(char *text, size_t *at, const int32_t *c, long n)
{
    size_t used = 0;

    for (long i = 0; i < n; i++) {
        if (at)
            at[i] = used;
        used += (size_t)utf8proc_encode_char(c[i], (utf8proc_uint8_t *)text + used);
    }
    if (at)
        at[n] = used;
    return used;
}

bool rune_is_space(int32_t c)
{
    return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}
