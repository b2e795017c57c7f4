/* Strings numbered in the order in which they first come. */
#ifndef HISTORY_ID_INDEX_H
#define HISTORY_ID_INDEX_H

#include "stream/tensor.h"

struct id_index {
    struct texts texts; /* number -> string */
    int32_t *slot;      /* open addressing; number + 1, 0 is free */
    size_t slots;
};

/* Returns the number of the string s (length bytes), a new number where s has none.  An
 * index that is all zero is empty. */
int32_t id_index_add(struct id_index *n, const char *s, size_t length);

/* Returns the number of the string s (length bytes), or -1 where s has none. */
int32_t id_index_find(const struct id_index *n, const char *s, size_t length);

void id_index_free(struct id_index *n);

#endif
