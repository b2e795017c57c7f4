/* Files: read whole, found by name.  Written they are by util/file_write. */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>

/* A file mapped read-only, or all that a pipe gave.  An empty file has size 0, and data
 * that is perhaps NULL. */
struct mapped {
    const unsigned char *data;
    size_t size;
    bool taken; /* in memory of its own */
};

/* 0, or -1 and the reason in e (which names the path).  It counts as an input
 * (util/file_guard).  Release with file_unmap. */
int file_map(struct mapped *m, const char *path, struct error *e);

/* The same, "-" is standard input. */
int file_map_or_stdin(struct mapped *m, const char *path, struct error *e);

/* The same as file_map for a file that the program writes again: no input. */
int file_map_own(struct mapped *m, const char *path, struct error *e);

void file_unmap(struct mapped *m);

/* A mapped file as UTF-8 text, without a byte order mark: *n bytes, borrowed from m.  NULL
 * and the reason in e where the mark says UTF-16.  What reads a text whole begins here. */
const char *file_text(const struct mapped *m, const char *path, size_t *n,
                      struct error *e);

/* The path of a model or data set.  A name without '/' that does not exist
 * here is looked up in the folders of MILLRACE_PATH.  By default these are, of a program
 * in its source tree, the fetched samples there; of an installed one, millrace in the
 * user's data folder (XDG_DATA_HOME) and in the installation's share.  NULL and the
 * reason in e, with a name that is near where there is one, or free with free(). */
char *file_find(const char *name, struct error *e);

/* "folder/name" as a new string; free with free(). */
char *file_join(const char *folder, const char *name);

bool file_is_folder(const char *path);
bool file_exists(const char *path);

/* Borrowed from path: what follows its last '/'. */
const char *file_base(const char *path);

#endif
