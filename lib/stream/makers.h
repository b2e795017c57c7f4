/* Which filters make what a filter lacks, as a pipe that can be typed. */
#ifndef STREAM_MAKERS_H
#define STREAM_MAKERS_H

#include <stddef.h>

enum { MAKERS_PIPE = 320 }; /* bytes that hold the longest pipe */

/* Returns the bits of the filters that have run where a tensor or text of that name is
 * there. */
unsigned makers_of(const char *name);

/* Writes into text, after ": ", the pipe of the filters that are still to run and of this
 * program: ": ... | cf-train | cf-embed | align-train ...".  makers names them, with
 * " | " between.  The last of them is to run in any case, and makes `name` (NULL: what it
 * makes).  The others, and what each needs, run only where they are not in the bits
 * `made`.  Words that follow a maker's name and are not in the table are passed over.
 * text becomes "" where the last is not in the table, as data-import. */
void makers_pipe(char text[MAKERS_PIPE], const char *makers, const char *name,
                 unsigned made);

#endif
