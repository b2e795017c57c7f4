/* Bytes as they are, or out of gzip, Zstandard or xz: told by their first bytes and
 * expanded as they come, so that nothing is kept whole.
 *
 * Bounds: a window of 128 MiB (zstd) or 256 MiB of memory (xz), and, beyond 1 GiB, 200
 * times the compressed bytes; texts of people stay far below. */
#ifndef UTIL_UNPACK_H
#define UTIL_UNPACK_H

#include <stddef.h>
#include <sys/types.h>

struct unpack;

/* Reads up to n bytes from `from` into p.  Returns their number, 0 at the end, or -1 and
 * errno. */
typedef ssize_t unpack_source(void *from, void *p, size_t n);

/* Returns a reader of what source gives, to free with unpack_free. */
struct unpack *unpack_new(unpack_source *source, void *from);
void unpack_free(struct unpack *u);

/* Reads up to n expanded bytes into p.  Returns as read(2).  After -1, unpack_reason
 * returns why in words, or NULL where the source failed. */
ssize_t unpack_read(struct unpack *u, void *p, size_t n);
const char *unpack_reason(const struct unpack *u);

#endif
