/* The HTML entities in the texts of JSON lines. */
#include "data/json_lines.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static const struct {
    const char *name;
    utf8proc_int32_t rune;
} entities[] = {
    { "amp", '&' },      { "lt", '<' },       { "gt", '>' },       { "quot", '"' },
    { "apos", '\'' },    { "nbsp", 0xa0 },    { "copy", 0xa9 },    { "reg", 0xae },
    { "trade", 0x2122 }, { "deg", 0xb0 },     { "eacute", 0xe9 },  { "egrave", 0xe8 },
    { "aacute", 0xe1 },  { "iacute", 0xed },  { "oacute", 0xf3 },  { "uacute", 0xfa },
    { "ntilde", 0xf1 },  { "ouml", 0xf6 },    { "uuml", 0xfc },    { "auml", 0xe4 },
    { "szlig", 0xdf },   { "ccedil", 0xe7 },  { "ndash", 0x2013 }, { "mdash", 0x2014 },
    { "lsquo", 0x2018 }, { "rsquo", 0x2019 }, { "ldquo", 0x201c }, { "rdquo", 0x201d },
    { "bull", 0x2022 },  { "hellip", 0x2026 }, { "frac12", 0xbd }, { "times", 0xd7 },
};

/* The character of the entity at s ("&...;", within n bytes), 0: it is none. */
static utf8proc_int32_t entity_at(const char *s, size_t n, size_t *length)
{
    const char *end = memchr(s, ';', n < 12 ? n : 12);
    bool hex = n > 2 && (s[2] == 'x' || s[2] == 'X');
    char *stop;
    unsigned long rune;

    if (!end || end < s + 2)
        return 0;
    *length = (size_t)(end - s) + 1;
    if (s[1] == '#') {
        rune = strtoul(s + 2 + hex, &stop, hex ? 16 : 10);
        return stop == end && rune >= 32 && utf8proc_codepoint_valid((int32_t)rune)
                   ? (utf8proc_int32_t)rune : 0;
    }
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (strlen(entities[i].name) == *length - 2 &&
            memcmp(entities[i].name, s + 1, *length - 2) == 0)
            return entities[i].rune;
    return 0;
}

size_t json_lines_decode_entities(char *text, size_t n)
{
    size_t to = 0;

    for (size_t from = 0; from < n;) {
        size_t length;
        utf8proc_int32_t rune =
            text[from] == '&' ? entity_at(text + from, n - from, &length) : 0;

        if (rune) { /* no character is longer than its entity */
            to += (size_t)utf8proc_encode_char(rune, (utf8proc_uint8_t *)text + to);
            from += length;
        } else {
            text[to++] = text[from++];
        }
    }
    text[to] = 0;
    return to;
}
