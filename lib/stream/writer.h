/* Writes a stream: heads, tensors cut into chunks, the end.  The first error
 * sticks, and closing is where one asks. */
#ifndef STREAM_WRITER_H
#define STREAM_WRITER_H

#include "stream/frame.h"

struct writer;

/* One named tensor, or rows of text where texts is set. */
struct series_out {
    const char *name;
    const struct tensor *tensor;
    const struct texts *texts;
    const struct attr *attrs; /* closed by a NULL key; NULL: none */
};

/* Checks that a reader could read the series.  Returns 0, or -1 and the reason in e. */
int writer_check_series(const struct series_out *s, struct error *e);

/* Returns a writer to fd, which stays open.  Close with writer_close. */
struct writer *writer_new(int fd);

/* Takes n bytes of a stream, the next in order.  Returns 0, or the errno. */
typedef int writer_take(void *data, const void *p, size_t n);

/* Returns a writer whose bytes go to take, together with data.  Close with
 * writer_close. */
struct writer *writer_new_taken(writer_take *take, void *data);

/* Writes a frame as it is, with its sum. */
void writer_frame(struct writer *w, const struct frame *f);

/* Writes a head: who made what follows, with what options (closed by a NULL key). */
void writer_head(struct writer *w, const char *program, const char *version,
                 const char *seed, const struct attr *options);

/* Writes series (count) that share rows, cut at the same rows and interleaved. */
void writer_group(struct writer *w, const struct series_out *group, int count);

/* Writes a part of series that share rows, where the whole would not fit into memory.
 * The series hold the next rows, from row first of rows in all.  Parts of a multiple of
 * writer_part_rows rows, the last part apart, make the same bytes as writer_group. */
void writer_part(struct writer *w, const struct series_out *group, int count,
                 int64_t first, int64_t rows);
int64_t writer_part_rows(const struct series_out *group, int count);

/* Writes the end frame, and frees w.  Returns 0, or the errno of the first failed
 * write. */
int writer_close(struct writer *w);

/* Frees w without the end: what was written never passes for whole. */
void writer_abandon(struct writer *w);

/* Returns whether a write has failed, so that computing more is of no use. */
bool writer_failed(const struct writer *w);

#endif
