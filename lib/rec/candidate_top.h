/* What completes the best items of a model, as cand-sample --top writes them. */
#ifndef REC_CANDIDATE_TOP_H
#define REC_CANDIDATE_TOP_H

#include "rec/candidate_rows.h"
#include "rec/history.h"
#include "rec/item_model.h"

/* Rows of users of whom m knows nothing get the most popular unseen items, counted from
 * what f kept of inter.*; says how many there are. */
void candidate_top_fill(struct candidate_rows *c, struct filter *f,
                        const struct item_model *m, const struct history *h);

/* Makes room for n more items, and adds those that a row does not have and its user has
 * not had, in their order behind the others. */
void candidate_top_add(struct candidate_rows *c, const struct history *h,
                       const int32_t *item, int n);

#endif
