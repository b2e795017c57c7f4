#include "util/progress.h"

#include "util/clock.h"
#include "util/error.h"

#include <stdio.h>
#include <unistd.h>

static struct {
    const char *what, *unit;
    long total;
    double start, drawn;
    bool on, visible;
} line;

void progress_begin(const char *what, const char *unit, long total)
{
    line.what = what;
    line.unit = unit;
    line.total = total;
    line.start = clock_seconds();
    line.drawn = 0;
    line.on = !quiet && isatty(STDERR_FILENO);
    error_before_message = progress_clear;
}

void progress_update(long done, const char *note)
{
    double t, seconds, left;

    if (!line.on)
        return;
    t = clock_seconds();
    if (t - line.drawn < 0.2)
        return;
    seconds = t - line.start;
    left = done > 0 ? seconds / (double)done * (double)(line.total - done) : 0;
    fprintf(stderr, "\r\033[K%s: %s %ld/%ld %s, %.1f/s, %ld:%02ld left%s%s",
            program_name, line.what, done, line.total, line.unit,
            seconds > 0 ? (double)done / seconds : 0.0, (long)left / 60,
            (long)left % 60, note ? ", " : "", note ? note : "");
    line.drawn = t;
    line.visible = true;
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
