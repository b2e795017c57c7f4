/* Items that nobody can tell apart by their words. */
#ifndef HISTORY_SAME_TITLES_H
#define HISTORY_SAME_TITLES_H

#include "stream/tensor.h"

#include <stdint.h>

/* Returns for each item (rows of t) the first item with the same title, to free with
 * free().  An item without a title has the same title as no other. */
int32_t *same_titles_first(const struct texts *t);

/* Returns how many of the sets item (sets, columns) hold two items of the same title.  An
 * item below 0 is padding; every other is below items.  first (items) is what
 * same_titles_first returned. */
int64_t same_titles_sets(const int32_t *first, int64_t items, const int32_t *item,
                         int64_t sets, int columns);

#endif
