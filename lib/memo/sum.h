/* XXH3-128 of bytes, as 32 hexadecimal digits: what memo compares contents by.  It
 * guards against chance, not against somebody who makes collisions. */
#ifndef MEMO_SUM_H
#define MEMO_SUM_H

#include "util/error.h"

#include <stddef.h>
#include <stdint.h>

enum { SUM_TEXT = 33 };

struct sum;

struct sum *sum_new(void); /* free with sum_free */
void sum_add(struct sum *s, const void *bytes, size_t n);
void sum_text(const struct sum *s, char text[SUM_TEXT]); /* of all bytes so far */
void sum_restart(struct sum *s);
void sum_free(struct sum *s);

void sum_of(const void *bytes, size_t n, char text[SUM_TEXT]);

/* Of the file's bytes [from, from + size), or to its end where size is -1; *found (or
 * NULL) is how many there were.  0, or -1 and errno. */
int sum_of_file(int fd, int64_t from, int64_t size, int64_t *found, char text[SUM_TEXT]);

#endif
