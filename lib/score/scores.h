/* The score.SPLIT.NAME of a stream: which there are, and that they score what they
 * are read with. */
#ifndef SCORE_SCORES_H
#define SCORE_SCORES_H

#include "stream/filter.h"

/* The i-th kept score of the split, in order of appearance: its whole name, or NULL
 * past the last. */
const char *scores_name(struct filter *f, const char *split, int i);

/* What follows "score.SPLIT." in such a name. */
const char *scores_scorer(const char *name);

/* Are there any? */
bool scores_has(struct filter *f, const char *split);

/* Ends the program where no split has scores of the scorer that --OPTION names, with the
 * name that was perhaps meant. */
void scores_needs(struct filter *f, const char *option, const char *scorer);

/* The scores (rows, columns) of that name, borrowed; NULL where there are none.  Dies
 * where they have another shape or scored other candidates than item. */
const float *scores_take(struct filter *f, const char *name, const struct tensor *item);

#endif
