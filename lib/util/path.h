/* Names of files, and what they stand for behind links. */
#ifndef UTIL_PATH_H
#define UTIL_PATH_H

#include <stdbool.h>

/* Returns what follows the last '/' of path, within path. */
const char *path_base(const char *path);

/* Returns the name of what is at path, as a new string that the caller frees: its last
 * part without slashes behind it.  "." and ".." stand for the names of those folders. */
char *path_name(const char *path);

/* Returns the path without its last part, as a new string that the caller frees; "."
 * where the path has one part. */
char *path_folder(const char *path);

/* Returns the path behind all links, as a new string that the caller frees, whether or
 * not a file is there.  A link to an open descriptor stays as it is. */
char *path_target(const char *path);

/* Returns whether the path names an open descriptor of this program, as /proc/self/fd/1
 * does, and sets *fd to the descriptor. */
bool path_descriptor(const char *path, int *fd);

#endif
