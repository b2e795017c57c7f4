/* Tensors of the vectors of items, and of users at their positions. */
#ifndef CF_CF_VECTORS_H
#define CF_CF_VECTORS_H

#include "cf/cf_model.h"

enum cf_vectors_at { BEFORE_TRAIN, BEFORE_VALID, BEFORE_TEST, AFTER_ALL };

/* Return vectors as f4, which the caller frees: of items (rows, width), of users at one
 * of their positions (users, width), and before each interaction (n, width).  A position
 * without anything before it, and an item that the model does not know, have NaN. */
struct tensor cf_vectors_items(const struct cf_model *m, int rows);
struct tensor cf_vectors_users(const struct cf_model *m, const struct history *h,
                               enum cf_vectors_at at);
struct tensor cf_vectors_inter(const struct cf_model *m, const struct history *h);

#endif
