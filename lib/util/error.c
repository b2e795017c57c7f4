#include "util/error.h"

#include "util/printable.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *program_name = "millrace", *filter_name = "millrace";
bool quiet = false;
bool error_said_elsewhere = false;
void (*error_before_dying)(void) = NULL;
void (*error_before_message)(void) = NULL;

int fail(struct error *e, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    return -1;
}

int fail_in(struct error *e, const char *format, ...)
{
    char reason[sizeof e->text];
    va_list args;
    int used;

    memcpy(reason, e->text, sizeof reason);
    va_start(args, format);
    used = vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    if (used >= 0 && (size_t)used < sizeof e->text)
        snprintf(e->text + used, sizeof e->text - (size_t)used, ": %s", reason);
    return -1;
}

/* A newline of a file that is quoted would make two lines, an escape move the cursor. */
static void message(const char *format, va_list args)
{
    char text[1024];

    vsnprintf(text, sizeof text, format, args);
    printable_replace(text);
    if (error_before_message)
        error_before_message();
    fprintf(stderr, "%s: %s\n", program_name, text);
}

void die(const char *format, ...)
{
    va_list args;

    if (error_before_dying)
        error_before_dying();
    va_start(args, format);
    message(format, args);
    va_end(args);
    exit(STATUS_FAILED);
}

void say(const char *format, ...)
{
    va_list args;

    if (quiet || error_said_elsewhere)
        return;
    va_start(args, format);
    message(format, args);
    va_end(args);
}

void warn(const char *format, ...)
{
    va_list args;

    if (error_said_elsewhere)
        return;
    va_start(args, format);
    message(format, args);
    va_end(args);
}
