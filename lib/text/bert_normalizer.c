#include "text/bert_normalizer.h"

#include "text/bert_chars.h"

#include <utf8proc.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool within(int32_t c, const struct char_range *list, size_t n)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (c > list[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && c >= list[low].first;
}

/* The blocks of the reference, U+2B920 in place of U+2B820 included. */
static bool is_chinese(int32_t c)
{
    static const struct char_range blocks[] = {
        { 0x3400, 0x4dbf },   { 0x4e00, 0x9fff },   { 0xf900, 0xfaff },
        { 0x20000, 0x2a6df }, { 0x2a700, 0x2b81f }, { 0x2b920, 0x2ceaf },
        { 0x2f800, 0x2fa1f },
    };

    return within(c, blocks, COUNT(blocks));
}

bool bert_is_punctuation(int32_t c)
{
    return within(c, chars_punctuation, COUNT(chars_punctuation));
}

/* Pairs that Unicode 16 and 17 added: the reference knows them, utf8proc 2.8
 * (Unicode 15) does not. */
static int32_t recent_lower(int32_t c)
{
    switch (c) {
    case 0xa7cb:
        return 0x264;
    case 0xa7dc:
        return 0x19b;
    case 0x1c89: case 0xa7cc: case 0xa7ce: case 0xa7d2: case 0xa7d4: case 0xa7da:
        return c + 1;
    default:
        if (c >= 0x10d50 && c <= 0x10d65)
            return c + 0x20;
        return c >= 0x16ea0 && c <= 0x16eb8 ? c + 0x1b : c;
    }
}

static void lower(struct runes *r)
{
    struct runes out = { 0 };

    for (long i = 0; i < r->n; i++) {
        int32_t c = r->c[i], small = utf8proc_tolower(c);

        runes_push(&out, small != c ? small : recent_lower(c));
        if (c == 0x130) /* I with a dot: the only one that becomes two */
            runes_push(&out, 0x307);
    }
    runes_free(r);
    *r = out;
}

static void clean(struct runes *r)
{
    long n = 0;

    for (long i = 0; i < r->n; i++)
        if (!within(r->c[i], chars_removed, COUNT(chars_removed)))
            r->c[n++] = rune_is_space(r->c[i]) ? ' ' : r->c[i];
    r->n = n;
}

static void space_chinese(struct runes *r)
{
    struct runes out = { 0 };

    for (long i = 0; i < r->n; i++) {
        bool chinese = is_chinese(r->c[i]);

        if (chinese)
            runes_push(&out, ' ');
        runes_push(&out, r->c[i]);
        if (chinese)
            runes_push(&out, ' ');
    }
    runes_free(r);
    *r = out;
}

static int combining_class(int32_t c)
{
    return utf8proc_get_property(c)->combining_class;
}

/* Canonical ordering: marks sorted by class, equal classes keep their order. */
static void order_marks(struct runes *r)
{
    for (long i = 1; i < r->n; i++) {
        int32_t c = r->c[i];
        int class = combining_class(c);
        long j = i;

        for (; class && j > 0 && combining_class(r->c[j - 1]) > class; j--)
            r->c[j] = r->c[j - 1];
        r->c[j] = c;
    }
}

/* Normalisation form D without the nonspacing marks. */
static void strip_accents(struct runes *r)
{
    struct runes out = { 0 };
    int32_t parts[32];
    long n = 0;

    for (long i = 0; i < r->n; i++) {
        int boundary = 0;
        utf8proc_ssize_t k = utf8proc_decompose_char(r->c[i], parts, 32,
                                                     UTF8PROC_DECOMPOSE | UTF8PROC_STABLE,
                                                     &boundary);

        if (k < 1 || k > 32 || r->c[i] == 0x11938) { /* newer than the reference */
            parts[0] = r->c[i];
            k = 1;
        }
        for (utf8proc_ssize_t j = 0; j < k; j++)
            runes_push(&out, parts[j]);
    }
    order_marks(&out);
    for (long i = 0; i < out.n; i++)
        if (!within(out.c[i], chars_accents, COUNT(chars_accents)))
            out.c[n++] = out.c[i];
    out.n = n;
    runes_free(r);
    *r = out;
}

void bert_normalize(const struct bert_normalizer *how, struct runes *r)
{
    if (how->lowercase_first)
        lower(r);
    if (how->clean_text)
        clean(r);
    if (how->chinese_chars)
        space_chinese(r);
    if (how->strip_accents)
        strip_accents(r);
    if (how->lowercase)
        lower(r);
}
