/* User-defined tokens: where they stand in a text, and what they take of it. */
#include "text/bpe_parts.h"

#include <string.h>
#include <utf8proc.h>

/* Is the character before or after `at` part of a word? */
static bool in_word(const char *text, size_t n, size_t at, bool before)
{
    utf8proc_int32_t c;
    utf8proc_category_t k;

    while (before && at > 0 && ((unsigned char)text[--at] & 0xc0) == 0x80)
        ;
    if (utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(n - at),
                         &c) < 1)
        return false;
    k = utf8proc_category(c);
    return c == '_' || (k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_NL);
}

int bpe_added_at(const struct bpe *t, const char *text, size_t n, size_t at)
{
    int longest = -1;

    for (int i = 0; i < t->addeds && t->begins[(unsigned char)text[at]]; i++) {
        const struct bpe_text *a = &t->token[t->added[i]];

        if (a->size <= n - at && memcmp(a->data, text + at, a->size) == 0 &&
            (longest < 0 || a->size > t->token[longest].size))
            longest = t->added[i];
    }
    if (longest < 0 || !t->sides || !(t->sides[longest] & BPE_SINGLE_WORD))
        return longest;
    return (at > 0 && in_word(text, n, at, true))
                   || in_word(text, n, at + t->token[longest].size, false)
               ? -1
               : longest;
}

size_t bpe_added_space(const char *text, size_t n, size_t at, size_t least, bool before)
{
    size_t from = at;
    utf8proc_int32_t c;
    utf8proc_ssize_t used;

    if (before) {
        while (from > least && ((unsigned char)text[--from] & 0xc0) == 0x80)
            ;
        if (from == at)
            return 0;
    }
    used = utf8proc_iterate((const utf8proc_uint8_t *)text + from,
                            (utf8proc_ssize_t)(n - from), &c);
    if (used < 1)
        return 0;
    return (c >= 9 && c <= 13) || c == 0x85
                   || (utf8proc_category(c) >= UTF8PROC_CATEGORY_ZS
                       && utf8proc_category(c) <= UTF8PROC_CATEGORY_ZP)
               ? (size_t)used
               : 0;
}
