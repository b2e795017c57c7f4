/* Files that are read whole or found by name.  util/file_write writes files. */
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

/* Maps the file at path, which counts as an input (util/file_guard).  Returns 0, or -1
 * and the reason in e, which names the path.  Release m with file_unmap. */
int file_map(struct mapped *m, const char *path, struct error *e);

/* Maps as file_map does; "-" is standard input. */
int file_map_or_stdin(struct mapped *m, const char *path, struct error *e);

/* Maps as file_map does a file that the program itself writes again, which is no
 * input. */
int file_map_own(struct mapped *m, const char *path, struct error *e);

/* Releases what one of the functions above has mapped. */
void file_unmap(struct mapped *m);

/* Returns the UTF-8 text of a mapped file without a byte order mark, and its size in
 * bytes in *n.  m owns the text.  Returns NULL and the reason in e where the mark says
 * UTF-16. path is for the message.  Every reader of a whole text uses this function. */
const char *file_text(const struct mapped *m, const char *path, size_t *n,
                      struct error *e);

/* Returns the path of a model or data set, as a new string that the caller frees.  Looks
 * up a name without '/' that does not exist here in the folders of MILLRACE_PATH.  The
 * default folder of a program in its source tree is that of the fetched samples.  The
 * default folders of an installed program are millrace in the user's data folder
 * (XDG_DATA_HOME) and in the installation's share.  Looks up "OWNER/MODEL" that does not
 * exist here in Hugging Face's cache.  Returns NULL and the reason in e where nothing has
 * the name; the reason suggests a similar name. */
char *file_find(const char *name, struct error *e);

/* Returns the path of the snapshot of a model "OWNER/MODEL", or of its file
 * "OWNER/MODEL/FILE", that Hugging Face's tools have put into their cache (HF_HUB_CACHE,
 * HF_HOME, XDG_CACHE_HOME), as a new string that the caller frees.  Returns NULL and the
 * reason in e where it is not there; where OWNER is a folder here, the reason speaks of
 * that folder. */
char *file_find_hub(const char *name, struct error *e);

/* Returns "folder/name", as a new string that the caller frees. */
char *file_join(const char *folder, const char *name);

/* Is there a folder, or anything, at path?  Links are followed. */
bool file_is_folder(const char *path);
bool file_exists(const char *path);

/* Returns what follows the last '/' of path, within path. */
const char *file_base(const char *path);

#endif
