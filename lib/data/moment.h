/* Times as files write them, to the last digit: numbers with or without a fraction, and
 * dates. */
#ifndef DATA_MOMENT_H
#define DATA_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOMENT_DIGITS = 18 }; /* of a fraction; what follows them is dropped */

/* whole + fraction / 10^18, also below 0. */
struct moment {
    int64_t whole;
    uint64_t fraction; /* below 10^18 */
    bool date;         /* it was one */
};

/* Reads text (n bytes), which is all of it: a decimal number, also with an exponent; a
 * date YYYY-MM-DD, then perhaps a time HH:MM[:SS[.fraction]] after "T" or a space, then
 * perhaps a zone (Z, UTC, +HH:MM, +HHMM, +HH; UTC without one); or a date such as
 * "Sun Jul 30 07:44:10 -0700 2017".  A date becomes seconds since 1970.
 * 0, or -1: it is none of these, or beyond 64 bits. */
int moment_parse(struct moment *m, const char *text, size_t n);

/* What a time seems to count, a power as below: 0 for a date and for a number as large as
 * seconds since 1970 are, 3, 6, 9 for larger ones; -1: it is too near to 0 to tell. */
int moment_counts(const struct moment *m);

/* A column of times becomes whole numbers of the coarsest unit that keeps every digit.
 * Powers of ten: a unit is 10^-power seconds. */
struct moment_scale {
    int given; /* what the numbers of the file count, 0: seconds, 3: ms, ... */
    int power; /* what time counts now, given or more */
    bool rest; /* 64 bits do not hold every digit: fraction has what is left */
};

/* time (n) and fraction (n, NULL: none): as moment_parse gives them, given: as above;
 * afterwards time is scaled, and fraction orders those whose time is the same. */
struct moment_scale moment_settle(int64_t *time, uint64_t *fraction, int64_t n,
                                  int given);

/* Says on stderr what is to be known of the scale; guessed: nobody has said what the
 * numbers count. */
void moment_say(const struct moment_scale *s, bool guessed);

/* "s", "ms", "us", "ns", "ps", "fs", "as" for 0, 3, ... 18. */
const char *moment_unit(int power);

#endif
