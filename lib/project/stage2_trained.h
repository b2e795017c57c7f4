/* Projections that a stream brings along, as every filter that applies them takes them:
 * what they were trained with holds where the command line says nothing else. */
#ifndef PROJECT_STAGE2_TRAINED_H
#define PROJECT_STAGE2_TRAINED_H

#include "project/stage2_data.h"

/* The options that count as given when they are: for struct cli's given. */
#define STAGE2_GIVEN                                                                   \
    "template", "history", "noun", "verb", "past", "bos", "joint", "cold-share",       \
        "random-items", "random-users"

/* Keeps proj.* and the vectors that they may ask for: those of users by their names,
 * closed by NULL.  Beside stage2_keep, before filter_read. */
void stage2_trained_keep(struct filter *f, const struct stage2_options *o,
                         const char *const *users);

/* Fills in o from the projections; without any, the prompt is text alone.  Dies where
 * they are of another model than `model`, or of other item vectors. */
void stage2_trained_options(struct stage2_options *o, struct filter *f, const char *model);

/* The projectors' weights, once d's widths are known. */
void stage2_trained_load(struct stage2_data *d, struct filter *f);

#endif
