/* Digests of files' contents, remembered by inode, size and times, so that a model of
 * gigabytes is read once. */
#ifndef MEMO_DIGEST_H
#define MEMO_DIGEST_H

#include "memo/cache.h"
#include "memo/sum.h"

/* The digest of a regular file's content, or of a folder's: the names below it, in
 * their order, and the contents under them.  0, or -1 and the reason. */
int digest_path(const struct cache *c, const char *path, char text[SUM_TEXT],
                struct error *e);

#endif
