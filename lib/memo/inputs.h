/* What a filter reads of its streams, as parts of a key: each tensor and text with its
 * type, shape, attributes and a digest of its rows, in the order in which they first
 * appear, however they were cut. */
#ifndef MEMO_INPUTS_H
#define MEMO_INPUTS_H

#include "memo/parts.h"
#include "stream/frame.h"

struct inputs;

struct inputs *inputs_new(void); /* free with inputs_free */

/* Takes a tensor's or text's frame, whose reader has checked that rows follow. */
void inputs_add(struct inputs *s, const struct frame *f);

/* A line of kind "input" for each. */
void inputs_tell(const struct inputs *s, struct parts *p);
void inputs_free(struct inputs *s);

#endif
