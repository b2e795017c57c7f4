/* What a filter reads of its streams, as parts of a key: each tensor and text with its
 * type, shape, attributes and a digest of its rows, in the order in which they first
 * appear, however they were cut. */
#ifndef MEMO_INPUTS_H
#define MEMO_INPUTS_H

#include "memo/parts.h"
#include "stream/frame.h"

struct inputs;

/* Returns inputs without any tensor, to free with inputs_free. */
struct inputs *inputs_new(void);

/* Takes the frame of a tensor or text.  The frame's reader has checked that its rows
 * follow those before. */
void inputs_add(struct inputs *s, const struct frame *f);

/* Adds to p a line of kind "input" for each tensor and text. */
void inputs_tell(const struct inputs *s, struct parts *p);
void inputs_free(struct inputs *s);

#endif
