/* No file is input and output.  Files are told apart by device and inode, so other
 * spellings, links and redirections are seen through; pipes and devices may be both. */
#ifndef UTIL_FILE_GUARD_H
#define UTIL_FILE_GUARD_H

#include "util/error.h"

/* Returns whether both paths name one regular file or, where neither file is there, the
 * same place. */
bool file_guard_same(const char *a, const char *b);

/* Returns whether standard output goes to the regular file at path. */
bool file_guard_is_stdout(const char *path);

/* Remembers that the program reads the open file fd; name is for the message.  Returns 0,
 * or -1 and the reason in e where standard output goes to the same file. */
int file_guard_input(int fd, const char *name, struct error *e);

/* Checks a file before the program replaces it.  Returns 0, or -1 and the reason in e
 * where the program has read the file, or the file is standard input, output or error. */
int file_guard_output(const char *path, struct error *e);

#endif
