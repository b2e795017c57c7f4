#include "util/effort.h"

#include "util/clock.h"
#include "util/error.h"

#include <stdio.h>
#include <sys/resource.h>

void effort_begin(struct effort *w)
{
    *w = (struct effort){ .from = clock_seconds() };
}

void effort_steps(struct effort *w, long done)
{
    w->steps = clock_seconds();
    w->first = done;
}

/* "45 s", "3:20 min", "2:05 h" into text. */
static void in_words(double seconds, char *text, size_t size)
{
    long s = (long)(seconds + .5), m = (s + 30) / 60;

    if (s < 60)
        snprintf(text, size, "%ld s", s);
    else if (s < 3600)
        snprintf(text, size, "%ld:%02ld min", s / 60, s % 60);
    else
        snprintf(text, size, "%ld:%02ld h", m / 60, m % 60);
}

void effort_expect(struct effort *w, long done, long total, const char *unit,
                   const char *sooner)
{
    double seconds = clock_seconds() - w->steps, each;
    char text[32];

    if (w->said || seconds < EFFORT_EARLY || done <= w->first)
        return;
    w->said = 1;
    each = seconds / (double)(done - w->first);
    if (each * (double)(total - done) < EFFORT_WORTH)
        return;
    in_words(each * (double)(total - w->first), text, sizeof text);
    say("%ld %s will take about %s%s%s", total - w->first, unit, text,
        sooner ? ", or less by " : "", sooner ? sooner : "");
}

void effort_end(const struct effort *w)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    say("done in %.1f s, peak memory %.0f MB", clock_seconds() - w->from,
        (double)used.ru_maxrss * 1024 / 1e6);
}
