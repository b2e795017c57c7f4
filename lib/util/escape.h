/* Text on one line: a new line, a tab, a carriage return and a backslash are written as
 * \n, \t, \r and \\. */
#ifndef UTIL_ESCAPE_H
#define UTIL_ESCAPE_H

#include "util/error.h"

#include <stddef.h>
#include <stdio.h>

/* The escapes that escape_undo takes where every text must come back as it was. */
#define ESCAPE_LETTERS "ntr\\x"

/* Writes s (n bytes) to out with these four bytes escaped, so that escape_undo gives s
 * again.  Writes all other bytes as they are. */
void escape_put(FILE *out, const char *s, size_t n);

/* Writes s (n bytes) to out as escape_put does, and each byte of another control
 * character (util/printable.h) as \x1b, so that the text is harmless to a terminal. */
void escape_print(FILE *out, const char *s, size_t n);

/* Returns what escape_print writes of s, as a new string that the caller frees. */
char *escape_printed(const char *s);

/* Resolves the escapes of text in place.  letters are those of "nrts\\x" that may follow
 * a backslash; \s is a space, \x1b a byte, which is not 0.  Returns the new length in
 * bytes, or -1 and the reason in e where another letter follows a backslash. */
long escape_undo(char *text, const char *letters, struct error *e);

#endif
