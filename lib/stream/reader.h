/* Reads a stream frame by frame in constant memory and checks all of it: every
 * frame's shape and sum, that rows follow without gap, and that the stream is
 * whole.  The first error sticks. */
#ifndef STREAM_READER_H
#define STREAM_READER_H

#include "stream/frame.h"

struct reader;

/* path "-" is stdin.  NULL and the reason in e; close with reader_close. */
struct reader *reader_open(const char *path, struct error *e);

/* Accepts a part of a stream as `parallel --pipe` makes it: no end is needed,
 * and a tensor may begin at any row. */
void reader_accept_fragment(struct reader *r);

/* 1 and the next frame, valid until the next call; 0 at the end of a whole
 * stream; -1 after an error.  Ends are checked and returned like other frames. */
int reader_next(struct reader *r, const struct frame **f);

/* "<stdin>: frame 12: its checksum is wrong" */
const char *reader_error(const struct reader *r);

/* "<stdin>" or the path; frames read so far. */
const char *reader_name(const struct reader *r);
int64_t reader_frames(const struct reader *r);

void reader_close(struct reader *r);

#endif
