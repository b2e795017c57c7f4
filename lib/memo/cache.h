/* memo's folder: MILLRACE_CACHE, by default millrace below $XDG_CACHE_HOME or
 * ~/.cache.
 *
 *     entries/KEY       outputs (memo/entry.h)
 *     digests/DEV-INO   digests of files, remembered (memo/digest.h)
 *     lock              a byte of it for each key that is being computed
 *
 * Nothing is left by a program that is killed: files have no name until they are
 * whole (util/scratch), and the kernel takes locks back. */
#ifndef MEMO_CACHE_H
#define MEMO_CACHE_H

#include "util/error.h"
#include "util/scratch.h"

struct cache {
    char *path, *entries, *digests;
    int lock;                /* -1 where unwritable says why */
    struct error unwritable; /* why nothing can be kept; "" where all can */
};

/* Opens the folder, and makes it where it is missing.  Outputs can still be read of a
 * folder that cannot be written.  Returns 0, or -1 and the reason in e where no folder is
 * named, or where it is on a network file system.  Release c with cache_close. */
int cache_open(struct cache *c, struct error *e);
void cache_close(struct cache *c);

/* Takes the lock on a key (hexadecimal digits).  Returns false where another process
 * holds the lock.  The lock ends with cache_unlock or with the process.  Where the folder
 * cannot be written everybody has it. */
bool cache_try_lock(const struct cache *c, const char *key);
void cache_unlock(const struct cache *c, const char *key);

/* Makes a file in the folder, which vanishes unless it is published (util/scratch.h).
 * Returns 0, or -1 and the reason in e. */
int cache_scratch(struct scratch *s, const struct cache *c, struct error *e);

#endif
