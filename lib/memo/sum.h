/* XXH3-128 of bytes, as 32 hexadecimal digits: what memo compares contents by.  It
 * guards against chance, not against somebody who makes collisions. */
#ifndef MEMO_SUM_H
#define MEMO_SUM_H

#include "util/error.h"

#include <stddef.h>
#include <stdint.h>

enum { SUM_TEXT = 33 };

struct sum;

/* Returns the sum of no bytes, to free with sum_free. */
struct sum *sum_new(void);
void sum_free(struct sum *s);

/* Adds n bytes. */
void sum_add(struct sum *s, const void *bytes, size_t n);

/* Writes the digits of all bytes so far into text. */
void sum_text(const struct sum *s, char text[SUM_TEXT]);

/* Makes s the sum of no bytes again. */
void sum_restart(struct sum *s);

/* Writes the digits of n bytes into text. */
void sum_of(const void *bytes, size_t n, char text[SUM_TEXT]);

/* Writes the digits of the file's bytes [from, from + size) into text; size -1: to the
 * file's end.  Sets *found, unless found is NULL, to the number of bytes read.  Returns
 * 0, or -1 and errno. */
int sum_of_file(int fd, int64_t from, int64_t size, int64_t *found, char text[SUM_TEXT]);

#endif
