/* What would do something to a terminal instead of being shown. */
#ifndef UTIL_PRINTABLE_H
#define UTIL_PRINTABLE_H

#include <stddef.h>

/* Returns how many bytes the control character has that s (n bytes, n > 0) begins with; 0
 * where s begins with another character.  Control characters are C0 and DEL; C1 (U+0080
 * to U+009F), as UTF-8 or as single bytes; line and paragraph separators; marks,
 * embeddings, overrides and isolates that turn the direction of text. */
size_t printable_control(const char *s, size_t n);

/* Returns how many bytes the character has that s (n bytes, n > 0) begins with; 1 where s
 * does not begin with UTF-8. */
size_t printable_bytes(const char *s, size_t n);

/* Replaces each control character of the string s by '?', in place. */
void printable_replace(char *s);

#endif
