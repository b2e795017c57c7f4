/* Time that passes, for reports and for what is done every few seconds. */
#ifndef UTIL_CLOCK_H
#define UTIL_CLOCK_H

/* Seconds since some moment, never set back. */
double clock_seconds(void);

#endif
