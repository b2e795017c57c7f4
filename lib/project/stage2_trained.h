/* Projections that a stream brings along, as every filter that applies them takes them:
 * what they were trained with holds where the command line says nothing else. */
#ifndef PROJECT_STAGE2_TRAINED_H
#define PROJECT_STAGE2_TRAINED_H

#include "project/stage2_data.h"

/* The options that count as given when they are: for struct cli's given. */
#define STAGE2_GIVEN                                                                   \
    "template", "history", "noun", "verb", "past", "bos", "joint", "cold-share",       \
        "guess", "guess-by", "random-items", "random-users"

/* Tells f to keep proj.* and the vectors that projections may ask for; users are the
 * names of the tensors of user vectors, closed by NULL.  To be called beside
 * stage2_keep, before filter_read. */
void stage2_trained_keep(struct filter *f, const struct stage2_options *o,
                         const char *const *users);

/* Sets the options in o that the command line has not given to those of the projections'
 * training.  Without projections the prompt is text alone.  Ends the program where the
 * projections are of another model than `model`, or of other item vectors. */
void stage2_trained_options(struct stage2_options *o, struct filter *f, const char *model);

/* Reads the projectors' weights into d, whose widths must be known.  Ends the program
 * where a tensor is missing or does not fit. */
void stage2_trained_load(struct stage2_data *d, struct filter *f);

#endif
