/* What the files of project_trainer share. */
#ifndef PROJECT_PROJECT_TRAINER_PARTS_H
#define PROJECT_PROJECT_TRAINER_PARTS_H

#include "project/project_trainer.h"

/* The epoch's examples into t->examples, in its own order. */
void project_make_epoch(struct project_trainer *t, int64_t epoch);

/* A seeded sample of the users that have a validation item. */
void project_make_valid(struct project_trainer *t);

/* Lists (count at most) of examples that go together; their number. */
int project_draw_slates(const struct project_trainer *t, struct slate *lists,
                        const struct example *examples, long count, int candidates,
                        const char *purpose, int64_t step);

/* Whose items stand for their texts (mixed_items.h). */
uint64_t project_mix_key(const struct project_trainer *t, int64_t step, long list);

/* Initial weights of the projections. */
void project_start_projectors(struct project_trainer *t);

#endif
