/* What is held of an input or an output until it has been used: a file in the cache's
 * folder.  Where the folder cannot be written, or its disk is full, the file is in
 * memory: what a command has computed for an hour is not lost because it cannot be
 * kept. */
#ifndef MEMO_HOLD_H
#define MEMO_HOLD_H

#include "memo/cache.h"

#include <stddef.h>
#include <stdint.h>

struct hold {
    struct scratch file;
    int64_t size;      /* bytes written by hold_write */
    const char *path;  /* the cache's folder, for messages; not owned */
    struct error why;  /* why the file is in memory and cannot be kept; "": it can */
};

/* Nothing that is held. */
#define HOLD_NOTHING { .file = { -1, NULL } }

/* Makes an empty file, which vanishes unless it is published.  Ends memo where there is
 * no memory either.  The cache must outlive h.  Release h with hold_close. */
void hold_open(struct hold *h, const struct cache *c);

/* Adds n bytes at the end.  Ends memo where there is no room in memory either. */
void hold_write(struct hold *h, const void *p, size_t n);

void hold_close(struct hold *h);

#endif
