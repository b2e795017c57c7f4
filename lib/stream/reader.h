/* Reads a stream frame by frame in constant memory and checks all of it: every
 * frame's shape and sum, that rows follow without gap, and that the stream is
 * whole.  The first error sticks. */
#ifndef STREAM_READER_H
#define STREAM_READER_H

#include "stream/frame.h"

struct reader;

/* Opens the stream at path; "-" is standard input.  Returns the reader, to close with
 * reader_close, or NULL and the reason in e. */
struct reader *reader_open(const char *path, struct error *e);

/* Lets r accept a part of a stream as `parallel --pipe` makes it.  A part needs no end,
 * and its tensors may begin at any row. */
void reader_accept_fragment(struct reader *r);

/* Reads the next frame into *f, which is valid until the next call.  Checks ends and
 * returns them like other frames.  Returns 1, 0 at the end of a whole stream, or -1 after
 * an error (reader_error). */
int reader_next(struct reader *r, const struct frame **f);

/* Returns the first error, "<stdin>: frame 12: its checksum is wrong", which r owns. */
const char *reader_error(const struct reader *r);

/* Return "<stdin>" or the path, and the number of frames read so far. */
const char *reader_name(const struct reader *r);
int64_t reader_frames(const struct reader *r);

/* Closes r and releases all that it owns. */
void reader_close(struct reader *r);

#endif
