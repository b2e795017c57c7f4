/* How things are said to go wrong.  The library reports, the program decides:
 * a library function that can fail takes a struct error and returns -1 (or
 * NULL) with the reason in it; a program passes the reason to die. */
#ifndef UTIL_ERROR_H
#define UTIL_ERROR_H

#include <stdbool.h>

/* One line that says what was expected and what was found. */
struct error {
    char text[512];
};

/* Exit statuses of every program here. */
enum status { STATUS_DONE = 0, STATUS_FAILED = 1, STATUS_USAGE = 2 };

extern const char *program_name; /* the last part of argv[0], for messages */
extern const char *filter_name;  /* without an installation's "millrace-", for streams */
extern bool quiet;               /* -q: say() is silent */

/* Another process says the same: say and warn are silent here. */
extern bool error_said_elsewhere;

/* Called by die before all else, unless NULL: another process may say it first. */
extern void (*error_before_dying)(void);

/* Called before a message is printed, unless NULL: progress erases its line. */
extern void (*error_before_message)(void);

/* Formats the reason into e.  Returns -1 always, for `return fail(e, ...)`. */
int fail(struct error *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts the formatted prefix and ": " before the reason in e.  Returns -1 always. */
int fail_in(struct error *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints "program: message" on stderr and ends the program with STATUS_FAILED. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints "program: message" on stderr, except under -q. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints as say does, also under -q: what the user must not miss. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
