#include "util/progress.h"

#include "util/clock.h"
#include "util/error.h"

#include <stdio.h>
#include <unistd.h>

#define SECONDS_DRAWN .2
#define SECONDS_PRINTED 60

bool progress_wanted = false;

static struct {
    const char *what, *unit;
    long total;
    double start, drawn; /* drawn: or printed, for the last time */
    bool on, visible, printed;
} line;

void progress_begin(const char *what, const char *unit, long total)
{
    line.what = what;
    line.unit = unit;
    line.total = total;
    line.start = clock_seconds();
    line.printed = !isatty(STDERR_FILENO);
    line.drawn = line.printed ? line.start : 0;
    line.on = !quiet && !error_said_elsewhere && (!line.printed || progress_wanted);
    error_before_message = progress_clear;
}

void progress_update(long done, const char *note)
{
    double t, seconds, left;

    if (!line.on)
        return;
    t = clock_seconds();
    if (t - line.drawn < (line.printed ? SECONDS_PRINTED : SECONDS_DRAWN))
        return;
    seconds = t - line.start;
    left = done > 0 ? seconds / (double)done * (double)(line.total - done) : 0;
    fprintf(stderr, "%s%s: %s %ld/%ld %s, %.1f/s, %ld:%02ld left%s%s%s",
            line.printed ? "" : "\r\033[K", program_name, line.what, done, line.total,
            line.unit, seconds > 0 ? (double)done / seconds : 0.0, (long)left / 60,
            (long)left % 60, note ? ", " : "", note ? note : "",
            line.printed ? "\n" : "");
    line.drawn = t;
    line.visible = !line.printed;
}

void progress_clear(void)
{
    if (line.visible)
        fputs("\r\033[K", stderr);
    line.visible = false;
}

void progress_end(void)
{
    progress_clear();
    line.on = false;
}
