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

/* 0, or -1 and the reason, and nothing to release.  w stays where it is. */
int file_write_begin(struct file_write *w, const char *path, struct error *e);

/* Adds to the end of a file that is there instead of replacing it: what is written stays
 * from flush to flush (channel_flush(&w->channel)).  0, or -1 and the reason, and nothing to
 * release.  w stays where it is; file_write_commit ends it. */
int file_write_append(struct file_write *w, const char *path, struct error *e);

/* Is it a file that file_write_begin would replace, or make?  Not a pipe, a device or an
 * open descriptor. */
bool file_write_replaces(const char *path);

/* Flushes, syncs and gives it its name; 0, or -1 and nothing is left behind.  Releases w. */
int file_write_commit(struct file_write *w, struct error *e);

/* Removes what was written; releases w. */
void file_write_abandon(struct file_write *w);

#endif
