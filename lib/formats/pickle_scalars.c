#include "formats/pickle_parts.h"

#include <string.h>

int pickle_number(struct machine *m, int bytes, uint64_t *n)
{
    const unsigned char *at = pickle_take(m, (uint64_t)bytes);

    if (!at)
        return -1;
    *n = 0;
    for (int i = bytes - 1; i >= 0; i--)
        *n = *n << 8 | at[i];
    return 0;
}

int pickle_constant(struct machine *m, int kind_and_value)
{
    pickle_push(m, (enum pickle_kind)(kind_and_value >> 1))->integer = kind_and_value & 1;
    return 0;
}

int pickle_int(struct machine *m, int bytes)
{
    uint64_t n;

    if (pickle_number(m, bytes, &n) < 0)
        return -1;
    pickle_push(m, PICKLE_INT)->integer = bytes == 4 ? (int32_t)n : (int64_t)n;
    return 0;
}

int pickle_long(struct machine *m, int length_bytes)
{
    uint64_t size, n = 0;
    const unsigned char *at;
    struct pickle_value *v;

    if (pickle_number(m, length_bytes, &size) < 0 || !(at = pickle_take(m, size)))
        return -1;
    if (size > 8) {
        v = pickle_push(m, PICKLE_LONG);
        v->text = (const char *)at;
        v->size = (size_t)size;
        return 0;
    }
    if (size > 0 && at[size - 1] & 0x80)
        n = UINT64_MAX;
    for (uint64_t i = size; i > 0; i--)
        n = n << 8 | at[i - 1];
    pickle_push(m, PICKLE_INT)->integer = (int64_t)n;
    return 0;
}

int pickle_float(struct machine *m, int unused)
{
    const unsigned char *at = pickle_take(m, 8);
    uint64_t bits = 0;
    double d;

    (void)unused;
    if (!at)
        return -1;
    for (int i = 0; i < 8; i++)
        bits = bits << 8 | at[i];
    memcpy(&d, &bits, sizeof d);
    pickle_push(m, PICKLE_FLOAT)->real = d;
    return 0;
}

int pickle_text(struct machine *m, int length_bytes)
{
    uint64_t size;
    const unsigned char *at;
    struct pickle_value *v;

    if (pickle_number(m, length_bytes, &size) < 0 || !(at = pickle_take(m, size)))
        return -1;
    v = pickle_push(m, PICKLE_TEXT);
    v->text = (const char *)at;
    v->size = (size_t)size;
    return 0;
}
