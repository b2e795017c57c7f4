/* The one way in which a program writes a file by name.  It appears under its name only
 * once it is whole, in place of the old one, whose mode stays; until then it is a file
 * that is nobody's (util/scratch).  A link's target is replaced, not the link.  A file
 * that the program has read is refused (util/file_guard), as is one that is not to be
 * written.  Pipes, devices and open descriptors (/dev/stdout) are written into. */
#ifndef UTIL_FILE_WRITE_H
#define UTIL_FILE_WRITE_H

#include "util/channel.h"
#include "util/error.h"
#include "util/scratch.h"

#include <stdbool.h>
#include <stdio.h>

struct file_write {
    FILE *f;      /* for fwrite and the like; errors are asked for by file_write_commit */
    char *path;   /* as it was given, for messages */
    char *target; /* behind links */
    struct scratch scratch; /* fd -1: written into */
    struct channel channel;
};

/* Begins a file that will have the name path.  Returns 0, or -1 and the reason in e with
 * nothing to release.  The caller keeps w in its place until file_write_commit or
 * file_write_abandon. */
int file_write_begin(struct file_write *w, const char *path, struct error *e);

/* Begins to write at the end of the file at path, which stays in place.  What is written
 * stays from flush to flush (channel_flush(&w->channel)).  Returns 0, or -1 and the
 * reason in e with nothing to release.  The caller keeps w in its place until
 * file_write_commit. */
int file_write_append(struct file_write *w, const char *path, struct error *e);

/* Returns whether file_write_begin would replace or make the file at path.  It would not
 * for a pipe, a device or an open descriptor. */
bool file_write_replaces(const char *path);

/* Flushes and syncs the file, gives it its name, and releases w.  Returns 0, or -1 and
 * the reason in e with nothing left behind. */
int file_write_commit(struct file_write *w, struct error *e);

/* Removes what was written, and releases w. */
void file_write_abandon(struct file_write *w);

#endif
