#include "util/escape.h"

#include "util/mem.h"
#include "util/printable.h"

#include <string.h>

/* plain[i] is written as a backslash and letter[i]; always only the first ESCAPED are. */
static const char plain[] = "\n\t\r\\ ", letter[] = "ntr\\s";
enum { ESCAPED = 4 };

/* The letter that stands for c behind a backslash, or 0. */
static char letter_of(char c)
{
    const char *p = memchr(plain, c, ESCAPED);

    return p ? letter[p - plain] : 0;
}

void escape_put(FILE *out, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char l = letter_of(s[i]);

        if (l)
            putc('\\', out);
        putc(l ? l : s[i], out);
    }
}

void escape_print(FILE *out, const char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t control = letter_of(s[i]) ? 0 : printable_control(s + i, n - i);

        if (!control) {
            size_t bytes = printable_bytes(s + i, n - i);

            escape_put(out, s + i, bytes);
            i += bytes;
        }
        for (; control > 0; control--)
            fprintf(out, "\\x%02x", (unsigned char)s[i++]);
    }
}

char *escape_printed(const char *s)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        die("out of memory");
    escape_print(out, s, strlen(s));
    if (fclose(out) != 0)
        die("out of memory");
    return text;
}

/* "'\x' is no escape: \n, \t and \\ are" */
static long no_escape(char found, const char *letters, struct error *e)
{
    char known[64] = "";
    size_t at = 0;

    for (const char *l = letters; *l; l++)
        at += (size_t)snprintf(known + at, sizeof known - at, "%s\\%c",
                               l == letters ? "" : l[1] ? ", " : " and ", *l);
    return fail(e, "'\\%c' is no escape: %s are", found ? found : ' ', known);
}

/* The byte whose two digits stand at text, or 0. */
static char byte_at(const char *text)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *high = text[0] ? strchr(digits, text[0]) : NULL;
    const char *low = high && text[1] ? strchr(digits, text[1]) : NULL;

    return low ? (char)((high - digits) % 16 * 16 + (low - digits) % 16) : 0;
}

long escape_undo(char *text, const char *letters, struct error *e)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (*from != '\\') {
            *to++ = *from;
            continue;
        }
        from++;
        if (!*from || !strchr(letters, *from))
            return no_escape(*from, letters, e);
        if (*from == 'x') {
            char byte = byte_at(from + 1);

            if (!byte)
                return fail(e, "'\\x%.2s' is no byte of two digits from 01 to ff",
                            from + 1);
            *to++ = byte;
            from += 2;
            continue;
        }
        *to++ = plain[strchr(letter, *from) - letter];
    }
    *to = 0;
    return to - text;
}
