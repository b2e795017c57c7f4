/* Strings numbered in the order in which they first come. */
#ifndef TEXT_STRING_INDEX_H
#define TEXT_STRING_INDEX_H

#include "stream/tensor.h"

struct string_index {
    struct texts texts; /* number -> string */
    int32_t *slot;      /* open addressing; number + 1, 0 is free */
    size_t slots;
    struct recent *recent; /* short strings that were added of late, or NULL */
};

/* Returns the number of the string s (length bytes), a new number where s has none.  n
 * copies a new s.  An index that is all zero is empty.  Release n with string_index_free.
 * Ends the program at 2^31 - 2 strings. */
int32_t string_index_add(struct string_index *n, const char *s, size_t length);

/* Returns the number of the string s (length bytes), or -1 where s has none. */
int32_t string_index_find(const struct string_index *n, const char *s, size_t length);

/* The same for s as a program of ours has written it (util/escape.h): s itself, and where
 * there is no such string, s without its escapes. */
int32_t string_index_find_written(const struct string_index *n, const char *s,
                                  size_t length);

void string_index_free(struct string_index *n);

#endif
