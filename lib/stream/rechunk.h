/* Puts tensors and texts together from parts of any size and writes them in the
 * chunks of FORMAT.md, in constant memory, with a check that every row comes once
 * and in order.  What began together, with as many rows and a name that is the same up
 * to the last dot, is cut at the same rows. */
#ifndef STREAM_RECHUNK_H
#define STREAM_RECHUNK_H

#include "stream/writer.h"

struct rechunk;

struct rechunk *rechunk_new(struct writer *out);

/* Takes the rows of a tensor or text frame; 0, or -1 and the reason. */
int rechunk_add(struct rechunk *r, const struct frame *f, struct error *e);

/* What came last is complete as a group: writes the chunks that it can. */
void rechunk_flush(struct rechunk *r);

/* Writes what is left and frees r; 0, or -1 and the reason where rows are missing. */
int rechunk_finish(struct rechunk *r, struct error *e);

#endif
