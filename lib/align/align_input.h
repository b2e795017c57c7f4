/* What stage 1 is trained on, from a stream. */
#ifndef ALIGN_ALIGN_INPUT_H
#define ALIGN_ALIGN_INPUT_H

#include "align/align_examples.h"
#include "stream/filter.h"

/* Borrowed from the filter, but for the history: history_free. */
struct align_input {
    struct history h;
    const struct tensor *cf, *text; /* (items, d), (items, D) */
    struct align_users users;
};

/* Keeps what loading needs; align.* and the joint vectors are made anew. */
void align_input_keep(struct filter *f, enum align_targets targets);

/* validate: user.cf.valid must be there; else it is taken where it is.  What is wrong
 * ends the program. */
void align_input_load(struct align_input *in, struct filter *f,
                      enum align_targets targets, bool validate);

#endif
