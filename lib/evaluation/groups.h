/* Users in groups, for rows of their own in tables. */
#ifndef EVALUATION_GROUPS_H
#define EVALUATION_GROUPS_H

#include "evaluation/evaluation.h"
#include "stream/filter.h"

/* Groups users by the true item: "warm", "middle" or "cold" (history/warmth.h).  warm and
 * cold are shares of the items.  h counts all items. */
void groups_by_warmth(struct evaluation *v, const struct history *h, double warm,
                      double cold);

/* Groups users by what the kept tensor or text `name` holds in the user's row, or for a
 * name "item.*" in the true item's row.  Each value has a group, in ascending order.
 * Ends the program where the rows do not suffice or the values are too many. */
void groups_by_tensor(struct evaluation *v, struct filter *f, const char *name);

#endif
