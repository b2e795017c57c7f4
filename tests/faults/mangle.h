/* Streams taken apart into frames and put together otherwise. */
#ifndef FAULTS_MANGLE_H
#define FAULTS_MANGLE_H

#include "bytes.h"

struct frames {
    struct bytes *list;
    int count, room;
};

/* The frames of a stream that can be trusted; free with frames_free. */
struct frames frames_of(const struct bytes *stream);
void frames_free(struct frames *f);

/* The frames in that order, as they are. */
struct bytes frames_join(const struct frames *f, const int *order, int count);

/* Is it a whole stream?  Reads all of it, as every filter does. */
bool stream_whole(const struct bytes *stream);

/* The same rows in chunks of n rows, with a new end. */
struct bytes stream_cut_again(const struct bytes *stream, int n);

/* Do both hold the same heads, names, attrs and rows, however they are cut? */
bool stream_same(const struct bytes *a, const struct bytes *b);

/* The same with keys that nobody knows in every head, of every type of value that
 * a frame may hold; and with another format version in the first head. */
struct bytes stream_with_keys(const struct bytes *stream);
struct bytes stream_of_version(const struct bytes *stream, int version);

/* Are all heads of in in out, byte for byte? */
bool stream_passes_heads(const struct bytes *in, const struct bytes *out);

#endif
