/* Text on one line, harmless to a terminal. */
#ifndef UTIL_PRINTABLE_H
#define UTIL_PRINTABLE_H

#include <stddef.h>
#include <stdio.h>

/* s (n bytes): a new line is printed as \n, a tab as \t, a backslash as \\, any other
 * control character as \x1b. */
void printable_text(FILE *out, const char *s, size_t n);

#endif
