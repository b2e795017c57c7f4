/* One line of progress on a terminal: program, what, share, rate, time left.
 * Silent when stderr is no terminal or under -q; erased at the end, since the
 * filters of a pipe share the terminal. */
#ifndef UTIL_PROGRESS_H
#define UTIL_PROGRESS_H

/* total: how many steps there will be; unit: what a step is ("users"). */
void progress_begin(const char *what, const char *unit, long total);

/* done steps so far; note may be NULL ("loss 2.14").  Draws 5 times a second. */
void progress_update(long done, const char *note);

void progress_end(void);

/* Erases the line, so that a message can be printed; the next update redraws. */
void progress_clear(void);

#endif
