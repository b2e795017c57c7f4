#include "util/printable.h"

#include <string.h>

size_t printable_bytes(const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t bytes = s[0] < 0xc2   ? 1
                   : s[0] < 0xe0 ? 2
                   : s[0] < 0xf0 ? 3
                   : s[0] < 0xf5 ? 4
                                 : 1;

    for (size_t i = 1; i < bytes; i++)
        if (i >= n || (s[i] & 0xc0) != 0x80)
            return 1;
    return bytes;
}

/* U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069 are e2 80 .. and e2 81 .. */
static int turns_direction(const unsigned char *s)
{
    if (s[0] != 0xe2)
        return 0;
    return (s[1] == 0x80 &&
            ((s[2] >= 0x8e && s[2] <= 0x8f) || (s[2] >= 0xa8 && s[2] <= 0xae))) ||
           (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9);
}

size_t printable_control(const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t bytes = printable_bytes(text, n);

    if (bytes == 1)
        return s[0] < 0x20 || (s[0] >= 0x7f && s[0] < 0xa0);
    if (bytes == 2 && s[0] == 0xc2 && s[1] < 0xa0)
        return 2;
    if (bytes == 2 && s[0] == 0xd8 && s[1] == 0x9c) /* U+061C */
        return 2;
    return bytes == 3 && turns_direction(s) ? 3 : 0;
}

void printable_replace(char *s)
{
    char *to = s;
    size_t n = strlen(s);

    while (n > 0) {
        size_t control = printable_control(s, n);
        size_t used = control ? control : printable_bytes(s, n);

        if (control)
            *to++ = '?';
        else
            to = (char *)memmove(to, s, used) + used;
        s += used;
        n -= used;
    }
    *to = 0;
}
