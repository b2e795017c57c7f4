/* Strings numbered in the order in which they first come. */
#ifndef HISTORY_ID_INDEX_H
#define HISTORY_ID_INDEX_H

#include "stream/tensor.h"

struct id_index {
    struct texts texts; /* number -> string */
    int32_t *slot;      /* open addressing; number + 1, 0 is free */
    size_t slots;
};

/* The string's number, a new one if it has none; starts as all zero. */
int32_t id_index_add(struct id_index *n, const char *s, size_t length);

/* Its number, or -1. */
int32_t id_index_find(const struct id_index *n, const char *s, size_t length);

void id_index_free(struct id_index *n);

#endif
