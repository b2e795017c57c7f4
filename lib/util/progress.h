/* How far a long computation is: program, what, share, rate, time left.  On a terminal
 * one line that is drawn again and erased at the end, since the filters of a pipe share
 * the terminal.  Elsewhere, in a notebook or a cluster's log, a line a minute where
 * --progress asks for it.  Silent under -q. */
#ifndef UTIL_PROGRESS_H
#define UTIL_PROGRESS_H

#include <stdbool.h>

extern bool progress_wanted; /* --progress */

/* Begins the display of `what` ("training") with total steps, each of which is a unit
 * ("users"). */
void progress_begin(const char *what, const char *unit, long total);

/* Says that so many steps are done.  note ("loss 2.14") may be NULL.  Draws at most 5
 * times a second, or prints at most once a minute. */
void progress_update(long done, const char *note);

/* Ends the display. */
void progress_end(void);

/* Erases the line before a message is printed.  The next update draws the line again. */
void progress_clear(void);

#endif
