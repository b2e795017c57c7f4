/* Files that are nobody's until they are whole.  Where the file system can do it they
 * have no name (O_TMPFILE), so that nothing is left by a program that is killed; else
 * they have one that nobody had (O_EXCL), .millrace-..., and are removed when the
 * program ends, also by SIGINT, SIGTERM, SIGHUP and SIGPIPE. */
#ifndef UTIL_SCRATCH_H
#define UTIL_SCRATCH_H

#include "util/error.h"

#define SCRATCH_PREFIX ".millrace-" /* what such names begin with */

/* A file for reading and writing that vanishes unless it is published. */
struct scratch {
    int fd;
    char *path; /* NULL where the file system lets files be without a name */
};

/* Makes a file in the folder.  Returns 0, or -1 and the reason in e.  Release s with
 * scratch_close. */
int scratch_open(struct scratch *s, const char *folder, struct error *e);

/* Gives the file the name path, in place of the file that had it.  path lies on the same
 * file system.  With sync, the content is on the disk before the file has the name.
 * Returns 0, or -1 and the reason in e. */
int scratch_publish(struct scratch *s, const char *path, bool sync, struct error *e);

/* Removes all files that have a name and were not published.  Handlers of signals may
 * call it. */
void scratch_remove_all(void);

/* Closes the file, and removes a file that was not published. */
void scratch_close(struct scratch *s);

#endif
