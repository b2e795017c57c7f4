/* An entry's output on its way to stdout.  A damaged entry ends the program. */
#ifndef MEMO_OUTPUT_H
#define MEMO_OUTPUT_H

#include "memo/entry.h"
#include "stream/filter.h"

/* Writes the entry's frames into f, in the place of those that the filter would write,
 * and closes f. */
void output_frames(struct filter *f, const struct entry *t);

/* Writes the entry's whole output to stdout as it is, and closes stdout. */
void output_bytes(const struct entry *t);

#endif
