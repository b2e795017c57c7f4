/* Stage 2's item vectors: of the joint space, from CF or from text, or random. */
#ifndef PROJECT_STAGE2_ITEMS_H
#define PROJECT_STAGE2_ITEMS_H

#include "project/stage2_data.h"

/* What to keep of the input for them. */
void stage2_items_keep(struct filter *f, const struct stage2_options *o);

/* Takes them into d, whose history is there; says how many are from text where the
 * option leaves that to the item (JOINT_AUTO).  Dies where one is missing. */
void stage2_items_load(struct stage2_data *d, struct filter *f,
                       const struct stage2_options *o);

/* count random numbers of the same root mean square as v (n) has; n 0: 1. */
float *stage2_random_like(const char *purpose, uint64_t seed, const float *v, int64_t n,
                          int64_t count);

#endif
