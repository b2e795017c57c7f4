/* What stage 1 is trained on, from a stream. */
#ifndef ALIGN_ALIGN_INPUT_H
#define ALIGN_ALIGN_INPUT_H

#include "align/align_examples.h"
#include "stream/filter.h"

/* The filter owns all of it but the history, which history_free releases. */
struct align_input {
    struct history h;
    const struct tensor *cf, *text; /* (items, d), (items, D) */
    struct align_users users;
};

/* Tells f to keep what align_input_load reads, and to drop align.* and the joint vectors,
 * which the program writes anew. */
void align_input_keep(struct filter *f, enum targets targets);

/* Fills in from what f has kept.  With validate, user.cf.valid must be there; without,
 * user.cf.valid may be missing.  Wrong input ends the program with one line. */
void align_input_load(struct align_input *in, struct filter *f,
                      enum targets targets, bool validate);

/* Returns the mean square of the CF vectors' numbers around the means of their columns,
 * or 1 where it is 0: the unit of --cross. */
double align_input_variance(const struct align_input *in);

#endif
