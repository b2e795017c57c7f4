/* What the files of the tuner share. */
#ifndef PROJECT_PROJECT_TRAINER_PARTS_H
#define PROJECT_PROJECT_TRAINER_PARTS_H

#include "project/project_trainer.h"

/* The epoch's examples into t->examples, in its own order. */
void tuner_make_epoch(struct tuner *t, int64_t epoch);

/* A seeded sample of the users that have a validation item. */
void tuner_make_valid(struct tuner *t);

/* Lists (count at most) of examples that go together; their number. */
int tuner_draw_lists(const struct tuner *t, struct list *lists,
                     const struct example *examples, long count, int candidates,
                     const char *purpose, int64_t step);

/* Whose items stand for their texts (item_mix.h). */
uint64_t tuner_mix_key(const struct tuner *t, int64_t step, long list);

/* Initial weights of the projections. */
void tuner_start_projectors(struct tuner *t);

#endif
