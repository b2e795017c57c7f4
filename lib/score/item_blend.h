/* Several CF-level scorers made one, with weights found on validation: a sum
 *
 *   s(x, h, i) = sum_k a_k x . v_ki + a_h h . t_i + a_p log(1 + n_i)
 *              = x . v_i + c_i h . t_i + b_i
 *
 * of scorers that are dot products with the same user vector x (item_scorer.h), of
 * text-history, whose user vector is h, and of popularity, n_i training interactions.
 * The a are those of a conditional logit of the validation targets among their candidates
 * (logit.h), so that s is in log odds.  Items that no training has seen have no CF vector
 * that means anything: theirs is a' x . dec(q_i) + a'_h h . t_i + c, a' from the same
 * targets by texts alone, c such that the mean score of a listed candidate is that of the
 * sum. */
#ifndef SCORE_ITEM_BLEND_H
#define SCORE_ITEM_BLEND_H

#include "score/item_scorer.h"
#include "util/error.h"

#include <stdint.h>

enum { BLEND_PARTS = ITEM_MODELS };

struct item_blend {
    const struct item_scorer *part[BLEND_PARTS]; /* with users; borrowed */
    int parts;
    const struct item_scorer *unseen[BLEND_PARTS]; /* of unseen items; borrowed */
    int unseens; /* 0: these are scored as all others */
    double weight[BLEND_PARTS], unseen_weight[BLEND_PARTS], constant;
};

/* Validation lists: row r is of user[r], its candidates item (rows, columns), below 0
 * none, its truth that column. */
struct blend_lists {
    int64_t rows;
    int columns;
    const int32_t *user, *item;
    const int *truth;
};

/* Fills in the weights, by penalty l2 of the logit whose features have deviation 1.
 * Rows of users whom a part does not know are left out.  Returns 0, or -1 and the reason
 * in e where no row is left. */
int item_blend_fit(struct item_blend *b, const struct blend_lists *l, double l2,
                   struct error *e);

/* Returns the part that is text-history; NULL: none is. */
const struct item_scorer *item_blend_history(const struct item_blend *b);

/* Returns the columns of item.fused (item_scorer_fused.c), where v has that width. */
int64_t item_blend_columns(const struct item_blend *b, int64_t width);

/* out (items, columns): the rows of item.fused; count (items): training interactions. */
void item_blend_rows(float *out, const struct item_blend *b, const int64_t *count,
                     int64_t items, int64_t width);

#endif
