/* An entry's output on its way to stdout.  What is wrong ends the program. */
#ifndef MEMO_OUTPUT_H
#define MEMO_OUTPUT_H

#include "memo/entry.h"
#include "stream/filter.h"

/* Its frames take the place that the filter's own would have; closes f. */
void output_frames(struct filter *f, const struct entry *t);

/* All of it as it is; closes stdout. */
void output_bytes(const struct entry *t);

#endif
