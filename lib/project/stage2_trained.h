/* Projections that a stream brings along, as every filter that applies them takes them:
 * what they were trained with holds where the command line says nothing else. */
#ifndef PROJECT_STAGE2_TRAINED_H
#define PROJECT_STAGE2_TRAINED_H

#include "project/stage2_data.h"

/* The options that count as given when they are: for struct cli's given. */
#define STAGE2_GIVEN                                                                   \
    "template", "history", "bos", "joint", "cold-share", "guess", "guess-by", "items", \
        "max-title", "user"

/* The sentence of --help about them. */
#define STAGE2_FOOTER                                                                  \
    "Template, history, words and joint are those of the training where the input\n"   \
    "has projections (proj.*) and the option is not given."

/* Tells f to keep what stage2_keep does, proj.*, every vector that projections may ask
 * for, and cand.*.  To be called before filter_read, in place of stage2_keep. */
void stage2_trained_keep(struct filter *f, const struct stage2_options *o);

/* Sets the options in o that the command line has not given to those of the projections'
 * training.  Without projections the prompt is text alone.  Ends the program where the
 * projections are of another model than `model`, or of other item vectors. */
void stage2_trained_options(struct stage2_options *o, struct filter *f,
                            const char *model);

/* Takes the kept tensors into d, as stage2_data_load and stage2_data_users do, and the
 * projectors' weights.  llm must outlive d.  Ends the program where a tensor is missing
 * or does not fit.  Release d with stage2_data_free. */
void stage2_trained_load(struct stage2_data *d, struct filter *f, const struct llm *llm,
                         const struct stage2_options *o);

#endif
