/* Regular expressions as tokenizer.json writes them, for Oniguruma, in PCRE2's words. */
#include "text/bpe_parts.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* White space as Unicode's property has it: PCRE2's own \s also takes U+180E. */
#define SPACE "\\x{9}-\\x{d}\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}" \
              "\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"

/* What Oniguruma's \w takes of Unicode 16, found by asking it of every code point. */
#define LETTER "\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}\\x{b2}\\x{b3}\\x{b9}\\x{bc}-\\x{be}" \
               "\\x{24b6}-\\x{24e9}\\x{1f130}-\\x{1f149}\\x{1f150}-\\x{1f169}" \
               "\\x{1f170}-\\x{1f189}"

#define BEFORE "(?<![" LETTER "])(?=[" LETTER "])"
#define BEHIND "(?<=[" LETTER "])(?![" LETTER "])"
#define WITHIN "(?<=[" LETTER "])(?=[" LETTER "])"
#define AWAY "(?<![" LETTER "])(?![" LETTER "])"

/* One escape in other words: alone, and in a list; NULL in a list: cannot be put so. */
static const struct put {
    char escape;
    const char *alone, *in_list;
} puts_of[] = {
    { 's', "[" SPACE "]", SPACE },
    { 'S', "[^" SPACE "]", NULL },
    { 'w', "[" LETTER "]", LETTER },
    { 'W', "[^" LETTER "]", NULL },
    { 'b', "(?:" BEFORE "|" BEHIND ")", NULL },
    { 'B', "(?:" WITHIN "|" AWAY ")", NULL },
};

enum { PUTS = sizeof puts_of / sizeof *puts_of, LONGEST = sizeof BEFORE BEHIND + 8 };

static const struct put *put_of(char escape)
{
    for (int i = 0; i < PUTS; i++)
        if (puts_of[i].escape == escape)
            return &puts_of[i];
    return NULL;
}

/* The bytes of an escape that stays as it is: "\n", "\p{L}". */
static size_t escape_bytes(const char *s)
{
    bool named = (s[1] == 'p' || s[1] == 'P' || s[1] == 'x') && s[2] == '{';

    return !named ? 2 : strchr(s, '}') ? strcspn(s, "}") + 1 : strlen(s);
}

/* Lists within lists, their intersections and "{1,3}+", which Ruby's syntax reads in
 * another way than PCRE2; so it does \h and others. */
static bool means_something_else(const char *s, bool list)
{
    if (*s == '\\')
        return strchr("hHGKXR", s[1]) != NULL;
    return list ? *s == '[' || strncmp(s, "&&", 2) == 0 : strncmp(s, "}+", 2) == 0;
}

char *bpe_expression(const char *from)
{
    char *out = mem_new(strlen(from) * LONGEST + 1, 1);
    size_t used = 0;
    bool list = false;

    while (*from) {
        bool escape = *from == '\\' && from[1];
        const struct put *put = escape ? put_of(from[1]) : NULL;
        const char *words = !put ? NULL : list ? put->in_list : put->alone;
        size_t n = put ? 2 : escape ? escape_bytes(from) : 1;

        if (means_something_else(from, list) || (put && !words)) {
            free(out);
            return NULL;
        }
        if (words)
            strcpy(out + used, words);
        else
            memcpy(out + used, from, n);
        used += words ? strlen(words) : n;
        if (!escape)
            list = *from == '[' ? true : *from == ']' ? false : list;
        from += n;
    }
    out[used] = '\0';
    return out;
}
