/* Digests of files' contents, remembered by inode, size and times, so that a model of
 * gigabytes is read once. */
#ifndef MEMO_DIGEST_H
#define MEMO_DIGEST_H

#include "memo/cache.h"
#include "memo/sum.h"

/* Writes the digest of a regular file's content into text.  A folder's digest is that of
 * the names below it, in their order, and of the contents under these names.  Returns 0,
 * or -1 and the reason in e. */
int digest_path(const struct cache *c, const char *path, char text[SUM_TEXT],
                struct error *e);

#endif
