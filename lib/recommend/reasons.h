/* Why an item is recommended: what the user has had that is most like it. */
#ifndef RECOMMEND_REASONS_H
#define RECOMMEND_REASONS_H

#include "stream/tensor.h"

#include <stdint.h>

struct reason {
    int32_t item; /* -1: there is none */
    float cosine;
};

/* Vectors of items less their mean, of length 1: joint vectors lie so close together that
 * the cosines of what they are themselves are nearly all 1.  Rows that are not finite
 * have no cosine. */
struct unit_vectors {
    float *v; /* (rows, width) */
    int64_t rows, width;
};
void unit_vectors_of(struct unit_vectors *u, const struct tensor *vectors);
void unit_vectors_free(struct unit_vectors *u);

/* Fills why (most) with the items of history (n), each once, that have the greatest
 * cosines with the item, the greatest first; of equal cosines the later in the history
 * comes first.  Where there are no more items, why ends with -1. */
void reasons_find(struct reason *why, int most, const struct unit_vectors *u,
                  const int32_t *history, int64_t n, int32_t item);

#endif
