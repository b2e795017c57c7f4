/* Tensors of the vectors of items, and of users at their positions. */
#ifndef CF_CF_VECTORS_H
#define CF_CF_VECTORS_H

#include "cf/cf_model.h"

enum cf_vectors_at { BEFORE_TRAIN, BEFORE_VALID, BEFORE_TEST, AFTER_ALL };

/* (rows, width), (users, width), (n, width) f4; NaN as cf_model_represent says, and in
 * rows of items that the model does not know.  The caller frees. */
struct tensor cf_vectors_items(const struct cf_model *m, int rows);
struct tensor cf_vectors_users(const struct cf_model *m, const struct history *h,
                               enum cf_vectors_at at);
struct tensor cf_vectors_inter(const struct cf_model *m, const struct history *h);

#endif
