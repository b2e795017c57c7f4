/* Stage 2's item vectors: of the joint space, from CF or from text, or random. */
#ifndef PROJECT_STAGE2_ITEMS_H
#define PROJECT_STAGE2_ITEMS_H

#include "project/stage2_data.h"

/* Tells f what to keep of the input for the item vectors. */
void stage2_items_keep(struct filter *f, const struct stage2_options *o);

/* Takes the item vectors into d, whose history is there.  Says how many are from text
 * where the option leaves that to the item (JOINT_AUTO).  Ends the program where a tensor
 * is missing. */
void stage2_items_load(struct stage2_data *d, struct filter *f,
                       const struct stage2_options *o);

/* Returns count random numbers of the root mean square of v (n), or of 1 where n is 0.
 * purpose and seed key the draws.  The caller frees the numbers. */
float *stage2_random_like(const char *purpose, uint64_t seed, const float *v, int64_t n,
                          int64_t count);

#endif
