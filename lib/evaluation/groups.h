/* Users in groups, for rows of their own in tables. */
#ifndef EVALUATION_GROUPS_H
#define EVALUATION_GROUPS_H

#include "evaluation/evaluation.h"
#include "stream/filter.h"

/* By the user's true item: "warm", "middle" or "cold" (history/warmth.h), the shares of
 * the items that are warm and cold.  h counts all items. */
void groups_by_warmth(struct evaluation *v, const struct history *h, double warm,
                      double cold);

/* By what the kept tensor or text `name` holds in the user's row, or for a name
 * "item.*" in that of the true item: a group for each value, in ascending order.
 * Dies where the rows do not suffice or the values are too many. */
void groups_by_tensor(struct evaluation *v, struct filter *f, const char *name);

#endif
