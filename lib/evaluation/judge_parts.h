/* Between judge.c and judge_notes.c. */
#ifndef EVALUATION_JUDGE_PARTS_H
#define EVALUATION_JUDGE_PARTS_H

#include "evaluation/judge.h"

/* 1 + the largest of v (n), at least `least`. */
int item_bound(const int32_t *v, int64_t n, int least);

/* Candidates that text cannot tell apart, and sets that are short. */
void note_titles(struct filter *f, struct evaluation *v);
void note_padding(struct evaluation *v);
void note_retrieved(struct evaluation *v);

/* What the rows of v are, for people: "users", or "rows" where a user has several. */
const char *rows_word(const struct evaluation *v);

/* True items of the split that the user's own history has already. */
void note_repeats(struct evaluation *v, const struct history *h, enum split split);

/* Of the scorer added last, by what its tensor `name` says: options, users without
 * scores. */
void note_options(struct filter *f, struct evaluation *v, const char *name);

/* Among how many items the true ones were ranked. */
void note_ranked(struct evaluation *v);

#endif
