/* What would do something to a terminal instead of being shown. */
#ifndef UTIL_PRINTABLE_H
#define UTIL_PRINTABLE_H

#include <stddef.h>

/* The bytes of the control character that s (n bytes, n > 0) begins with, 0 where it is
 * none: C0 and DEL; C1 (U+0080 to U+009F), as UTF-8 or as single bytes; line and paragraph
 * separators; marks, embeddings, overrides and isolates that turn the direction of text. */
size_t printable_control(const char *s, size_t n);

/* The bytes of the character that s (n bytes, n > 0) begins with; 1 where it is not UTF-8. */
size_t printable_bytes(const char *s, size_t n);

/* Puts '?' for each control character of a string, in place. */
void printable_replace(char *s);

#endif
