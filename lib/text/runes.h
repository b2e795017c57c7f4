/* Text as a growing list of Unicode characters. */
#ifndef TEXT_RUNES_H
#define TEXT_RUNES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct runes {
    int32_t *c;
    long n, room;
};

/* Appends a code point to r. */
void runes_push(struct runes *r, int32_t c);
void runes_free(struct runes *r);

/* Appends the characters of UTF-8 text; false (and r unchanged) if the bytes are
 * not valid UTF-8. */
bool runes_read(struct runes *r, const char *text, size_t bytes);

/* The same n characters as UTF-8 into text (4 bytes each are enough, no NUL is
 * added); at, if not NULL, gets the n + 1 offsets of their bytes.  Returns the
 * number of bytes. */
size_t runes_write(char *text, size_t *at, const int32_t *c, long n);

/* Unicode's White_Space property. */
bool rune_is_space(int32_t c);

#endif
