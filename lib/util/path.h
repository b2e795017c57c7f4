/* Names of files, and what they stand for behind links. */
#ifndef UTIL_PATH_H
#define UTIL_PATH_H

#include <stdbool.h>

/* Borrowed from path: what follows its last '/'. */
const char *path_base(const char *path);

/* The path without its last part, "." where it has one part; free with free(). */
char *path_folder(const char *path);

/* What the path stands for behind all links, there or not; free with free().  A link to
 * an open descriptor stays. */
char *path_target(const char *path);

/* Does the path name an open descriptor of this program (/proc/self/fd/1)?  *fd: which. */
bool path_descriptor(const char *path, int *fd);

#endif
