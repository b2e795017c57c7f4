/* Training on both kinds of joint vectors: an item's soft token is made of q instead of
 * e for a share of the items, drawn anew for every list of candidates, so that F_I does
 * not meet q as a stranger.  Vectors have numbers: that of the item is its e, the item's
 * plus the number of items its q. */
#ifndef PROJECT_MIXED_ITEMS_H
#define PROJECT_MIXED_ITEMS_H

#include "project/stage2.h"

/* Returns how many numbers there are: twice the items where s mixes, else the items. */
int mixed_items_numbers(const struct stage2 *s);

/* Returns the number of the item under this key; (key, item) decides the draw. */
int mixed_items_number(const struct stage2 *s, uint64_t key, int item);

/* Returns the vector (item.in) of a number, borrowed. */
const float *mixed_items_vector(const struct stage2 *s, int number);

/* Replaces items in codes (n) by their numbers under this key. */
void mixed_items_codes(const struct stage2 *s, uint64_t key, int *codes, int n);

#endif
