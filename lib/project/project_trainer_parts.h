/* What the files of project_trainer share. */
#ifndef PROJECT_PROJECT_TRAINER_PARTS_H
#define PROJECT_PROJECT_TRAINER_PARTS_H

#include "project/project_trainer.h"

/* Fills t->examples with the epoch's examples, in the epoch's order. */
void project_make_epoch(struct project_trainer *t, int64_t epoch);

/* Keys the draws of the lists of validation. */
#define PROJECT_VALID_LIST "project-train valid list"

/* Fills t->valid with a seeded sample of the users that have a validation item. */
void project_make_valid(struct project_trainer *t);

/* Sets t->ndcg to the mean NDCG@10 of the validation users' items, each among the
 * candidates that compete with it in the lists of validation, as llm-score ranks them.
 * Every rank computes all of it.  Returns 0, or -1 and the reason in e. */
int project_rank_valid(struct project_trainer *t, struct error *e);

/* Fills lists (count at most) with examples (count) that share candidates, so many in
 * each list.  purpose and step key the draws.  Returns the number of lists. */
int project_draw_slates(const struct project_trainer *t, struct slate *lists,
                        const struct example *examples, long count, int candidates,
                        const char *purpose, int64_t step);

/* Returns the key that says whose items stand for their texts (mixed_items.h). */
uint64_t project_mix_key(const struct project_trainer *t, int64_t step, long list);

/* Draws the initial weights of the projections. */
void project_start_projectors(struct project_trainer *t);

#endif
