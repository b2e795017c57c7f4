#include "util/train_log.h"

#include "util/clock.h"
#include "util/error.h"
#include "util/file.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The line of names as a new string. */
static char *head_line(struct train_log *l, const char *const *columns)
{
    char *head = mem_string("step\tseconds"), *longer;

    for (l->columns = 0; columns[l->columns]; l->columns++) {
        longer = mem_format("%s\t%s", head, columns[l->columns]);
        free(head);
        head = longer;
    }
    longer = mem_format("%s\tlr\n", head);
    free(head);
    l->columns++;
    return longer;
}

static void ask(int result, const struct error *e)
{
    if (result < 0)
        die("--log: %s", e->text);
}

/* Of an old log: the bytes up to the last whole line of a step that is kept, and the
 * seconds that it names.  0, or -1 and the reason where it is no log of these columns. */
static int kept_lines(struct train_log *l, const struct mapped *m, const char *head,
                      int64_t last, size_t *kept, struct error *e)
{
    const char *text = (const char *)m->data, *end = text + m->size, *line, *next;
    long number = 1;

    if (m->size == 0)
        return 0;
    *kept = strlen(head);
    if (m->size < *kept || memcmp(text, head, *kept) != 0)
        return fail(e, "%s: no log of this trainer: its first line is not '%.*s'",
                    l->path, (int)*kept - 1, head);
    for (line = text + *kept; line < end; line = next) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        long long step;
        double seconds;
        char cell[64];

        number++;
        if (!stop)
            break; /* cut by a crash */
        snprintf(cell, sizeof cell, "%.*s", (int)(stop - line < 63 ? stop - line : 63),
                 line);
        if (sscanf(cell, "%lld\t%lf", &step, &seconds) != 2)
            return fail(e, "%s: line %ld: '%.20s' is no step and seconds", l->path,
                        number, cell);
        if (step > last)
            break; /* made again from the checkpoint */
        next = stop + 1;
        *kept = (size_t)(next - text);
        l->before = seconds;
    }
    return 0;
}

/* The head and what is kept of the old file, in its place. */
static void write_beginning(struct train_log *l, const char *head, bool going_on,
                            int64_t step)
{
    struct mapped old = { 0 };
    size_t kept = 0;
    struct error e;

    if (going_on && file_exists(l->path)) {
        ask(file_map_own(&old, l->path, &e), &e);
        ask(kept_lines(l, &old, head, step, &kept, &e), &e);
    } else if (going_on) {
        say("%s: not there, begins after step %lld", l->path, (long long)step);
    }
    ask(file_write_begin(&l->file, l->path, &e), &e);
    if (kept > 0)
        fwrite(old.data, 1, kept, l->file.f);
    else
        fputs(head, l->file.f);
    ask(file_write_commit(&l->file, &e), &e);
    file_unmap(&old);
}

void train_log_begin(struct train_log *l, const char *const *columns, bool going_on,
                     int64_t step)
{
    struct error e;
    char *head;

    if (!train_log_wanted(l) || l->elsewhere)
        return;
    head = head_line(l, columns);
    l->before = 0;
    if (file_write_replaces(l->path)) {
        write_beginning(l, head, going_on, step);
        ask(file_write_append(&l->file, l->path, &e), &e);
    } else {
        ask(file_write_begin(&l->file, l->path, &e), &e);
        fputs(head, l->file.f);
    }
    free(head);
    l->from = clock_seconds();
}

bool train_log_wanted(const struct train_log *l)
{
    return l->path && *l->path;
}

void train_log_line(struct train_log *l, int64_t step, const double *value)
{
    int error;

    if (!train_log_wanted(l) || l->elsewhere)
        return;
    fprintf(l->file.f, "%lld\t%.3f", (long long)step,
            l->before + clock_seconds() - l->from);
    for (int i = 0; i < l->columns; i++)
        if (isnan(value[i]))
            fputc('\t', l->file.f);
        else
            fprintf(l->file.f, "\t%.9g", value[i]);
    fputc('\n', l->file.f);
    error = channel_flush(&l->file.channel);
    if (error)
        die("--log: %s: %s", l->path, strerror(error));
}

void train_log_end(struct train_log *l)
{
    struct error e;

    if (train_log_wanted(l) && !l->elsewhere)
        ask(file_write_commit(&l->file, &e), &e);
}
