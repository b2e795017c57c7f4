/* The item file of a data set. */
#ifndef DATA_DATASET_CATALOGUE_H
#define DATA_DATASET_CATALOGUE_H

#include "data/dataset.h"
#include "data/layout.h"

/* Reads it into d's columns, after the interactions: records of items that have none are
 * only counted (d->others), unless the choice keeps them.  0, or -1 and the reason. */
int dataset_read_items(struct dataset *d, const char *path, const struct layout *l,
                       const struct dataset_choice *choice, struct error *e);

/* Is the field a text that is not too long for a stream, and, where it is an id, neither
 * empty nor a list?  0 or -1. */
int dataset_check_field(const struct records *t, int column, bool id, struct error *e);

#endif
