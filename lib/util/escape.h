/* Text on one line: a new line, a tab, a carriage return and a backslash are written as
 * \n, \t, \r and \\. */
#ifndef UTIL_ESCAPE_H
#define UTIL_ESCAPE_H

#include "util/error.h"

#include <stddef.h>
#include <stdio.h>

/* The escapes that escape_undo takes where every text must come back as it was. */
#define ESCAPE_LETTERS "ntr\\x"

/* Writes s (n bytes) with these four escaped, so that escape_undo gives s again; other
 * bytes are written as they are. */
void escape_put(FILE *out, const char *s, size_t n);

/* The same for people: every byte of another control character (util/printable.h)
 * is written as \x1b, so that the text is
 * harmless to a terminal. */
void escape_print(FILE *out, const char *s, size_t n);

/* What escape_print writes of s, as a new string; free with free(). */
char *escape_printed(const char *s);

/* Resolves the escapes of text, in place.  letters are those that can follow a backslash,
 * of "nrts\\x": \s is a space, \x1b a byte, which is not 0.  The new length, or -1 and the reason at another escape. */
long escape_undo(char *text, const char *letters, struct error *e);

#endif
