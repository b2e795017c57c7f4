/* Time that passes, for reports and for what is done every few seconds. */
#ifndef UTIL_CLOCK_H
#define UTIL_CLOCK_H

/* Returns the seconds since a moment that is the same for the whole program.  Nobody sets
 * this clock back. */
double clock_seconds(void);

#endif
