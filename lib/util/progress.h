/* How far a long computation is: program, what, share, rate, time left.  On a terminal one
 * line that is drawn again and erased at the end, since the filters of a pipe share the
 * terminal.  Elsewhere, in a notebook or a cluster's log, a line a minute where --progress
 * asks for it.  Silent under -q. */
#ifndef UTIL_PROGRESS_H
#define UTIL_PROGRESS_H

#include <stdbool.h>

extern bool progress_wanted; /* --progress */

/* total: how many steps there will be; unit: what a step is ("users"). */
void progress_begin(const char *what, const char *unit, long total);

/* done steps so far; note may be NULL ("loss 2.14").  Draws 5 times a second, or prints
 * once a minute. */
void progress_update(long done, const char *note);

void progress_end(void);

/* Erases the line, so that a message can be printed; the next update redraws. */
void progress_clear(void);

#endif
