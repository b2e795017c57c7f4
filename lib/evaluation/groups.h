/* Users in groups, for rows of their own in tables. */
#ifndef EVALUATION_GROUPS_H
#define EVALUATION_GROUPS_H

#include "evaluation/evaluation.h"
#include "history/warmth.h"
#include "stream/filter.h"

/* Groups users by the true item: "warm", "middle" or "cold" (history/warmth.h), by the
 * rule.  h counts all items.  Notes how many users the order of items alone put on their
 * side of cold's border. */
void groups_by_warmth(struct evaluation *v, const struct history *h,
                      const struct warmth_rule *rule);

/* Groups users by what the kept tensor or text `name` holds in the user's row, or for a
 * name "item.*" in the true item's row.  Each value has a group, in ascending order.
 * Ends the program where the rows do not suffice or the values are too many. */
void groups_by_tensor(struct evaluation *v, struct filter *f, const char *name);

#endif
