/* Puts tensors and texts together from parts of any size and writes them in the
 * chunks of FORMAT.md, in constant memory, with a check that every row comes once
 * and in order.  What began together, with as many rows and a name that is the same up
 * to the last dot, is cut at the same rows. */
#ifndef STREAM_RECHUNK_H
#define STREAM_RECHUNK_H

#include "stream/writer.h"

struct rechunk;

/* Returns a rechunk that writes to out, which the caller keeps.  rechunk_finish frees
 * it. */
struct rechunk *rechunk_new(struct writer *out);

/* Takes the rows of a tensor or text frame.  Returns 0, or -1 and the reason in e where
 * rows do not follow. */
int rechunk_add(struct rechunk *r, const struct frame *f, struct error *e);

/* Tells r that the group that came last is complete, and writes its whole chunks. */
void rechunk_flush(struct rechunk *r);

/* Writes what is left, and frees r.  Returns 0, or -1 and the reason in e where rows are
 * missing. */
int rechunk_finish(struct rechunk *r, struct error *e);

#endif
