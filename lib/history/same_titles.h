/* Items that nobody can tell apart by their words. */
#ifndef HISTORY_SAME_TITLES_H
#define HISTORY_SAME_TITLES_H

#include "stream/tensor.h"

#include <stdint.h>

/* For each item the first item with the same title (rows of t); an empty title
 * is nobody's but its own.  Free with free(). */
int32_t *same_titles_first(const struct texts *t);

/* How many of the sets item (sets, columns), below 0 for padding, hold two items
 * of the same title; first is from same_titles_first, for `items` items, and every
 * item is below that. */
int64_t same_titles_sets(const int32_t *first, int64_t items, const int32_t *item,
                         int64_t sets, int columns);

#endif
