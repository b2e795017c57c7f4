#include "util/printable.h"

void printable_text(FILE *out, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if (c == '\n')
            fputs("\\n", out);
        else if (c == '\t')
            fputs("\\t", out);
        else if (c == '\\')
            fputs("\\\\", out);
        else if (c < 32 || c == 127)
            fprintf(out, "\\x%02x", c);
        else
            putc(c, out);
    }
}
