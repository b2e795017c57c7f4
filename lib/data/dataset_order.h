/* The order of interactions: users, of each its times, ties as in the file. */
#ifndef DATA_DATASET_ORDER_H
#define DATA_DATASET_ORDER_H

#include "data/dataset.h"

/* Returns d's rows in that order (n), to free with free(). */
int64_t *dataset_order(const struct dataset *d);

#endif
