/* Between item_scorer.c, item_scorer_joint.c and item_scorer_text.c. */
#ifndef SCORE_ITEM_SCORER_PARTS_H
#define SCORE_ITEM_SCORER_PARTS_H

#include "score/item_scorer.h"

enum {
    TEXT_NEAREST = 20, /* texts whose CF vectors text-nearest averages */
    TEXT_HISTORY = 10, /* items whose texts text-history averages */
};
#define TEXT_RIDGE 10. /* lambda of text-ridge */

/* The tensor of the items' side, of text-nearest and text-ridge what its texts predict,
 * and the program that makes it. */
struct item_scorer_source {
    const char *tensor, *maker;
};
extern const struct item_scorer_source item_scorer_source[ITEM_MODELS];

/* item_scorer_load of joint and joint-text, of auto, and of fused. */
void item_scorer_joint_load(struct item_scorer *m, struct filter *f);
void item_scorer_auto_load(struct item_scorer *m, struct filter *f);
void item_scorer_fused_load(struct item_scorer *m, struct filter *f);

/* item_scorer_check_sizes. */
void item_scorer_source_check(const struct item_scorer *m, int64_t items, int64_t users);

/* Dies where what was made from item.cf is not beside what it was made from, if beside
 * any. */
void item_scorer_check_made_from(struct filter *f, const char *name, const char *maker);

/* Does the scorer read item.text? */
bool item_scorer_is_text(enum item_scorer_by by);

/* What item_scorer.h says of keep and load, for these scorers. */
void item_scorer_text_keep(struct filter *f, enum item_scorer_by by);
void item_scorer_text_load(struct item_scorer *m, struct filter *f);

/* m->own_user: m->user (users, width - text_width), if there are such columns, and behind
 * it h, of the history before the split of the vectors called `name`. */
void item_scorer_text_users(struct item_scorer *m, struct filter *f, const char *name);

/* item_scorer_vector. */
void item_scorer_text_vector(float *to, const struct item_scorer *m, const float *x,
                             const struct history *h, int user, int64_t row, int split);

/* item_scorer_vector_drawn. */
void item_scorer_text_vector_drawn(float *to, const struct item_scorer *m, const float *x,
                                   uint64_t seed, int user);

#endif
