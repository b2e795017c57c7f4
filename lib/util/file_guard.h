/* No file is input and output.  Files are told apart by device and inode, so other
 * spellings, links and redirections are seen through; pipes and devices may be both. */
#ifndef UTIL_FILE_GUARD_H
#define UTIL_FILE_GUARD_H

#include "util/error.h"

/* Do both paths name one regular file, or, where neither is there, the same place? */
bool file_guard_same(const char *a, const char *b);

/* Is standard output that regular file? */
bool file_guard_is_stdout(const char *path);

/* The open file is read by this program: remembered.  0, or -1 and the reason where
 * standard output goes to it. */
int file_guard_input(int fd, const char *name, struct error *e);

/* The file is about to be replaced: 0, or -1 and the reason where it has been read, or is
 * standard input, output or error. */
int file_guard_output(const char *path, struct error *e);

#endif
