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

/* Can it be written so that it can be read?  0, or -1 and the reason. */
int writer_check_series(const struct series_out *s, struct error *e);

/* Writes to fd, which stays open; close with writer_close. */
struct writer *writer_new(int fd);

/* A frame as it is, with its sum. */
void writer_frame(struct writer *w, const struct frame *f);

/* A head: who made what follows, with what options (closed by a NULL key). */
void writer_head(struct writer *w, const char *program, const char *version,
                 const char *seed, const struct attr *options);

/* Series that share rows, cut at the same rows and interleaved. */
void writer_group(struct writer *w, const struct series_out *group, int count);

/* The same in parts, where the whole would not fit into memory: the series hold
 * the next rows, from row first of rows in all.  A multiple of writer_part_rows
 * rows in every part but the last makes the same bytes as writer_group. */
void writer_part(struct writer *w, const struct series_out *group, int count,
                 int64_t first, int64_t rows);
int64_t writer_part_rows(const struct series_out *group, int count);

/* The end frame, then frees w.  0, or the errno of the first failed write. */
int writer_close(struct writer *w);

/* Frees w without the end: what was written never passes for whole. */
void writer_abandon(struct writer *w);

/* A write has failed: no use in computing more. */
bool writer_failed(const struct writer *w);

#endif
