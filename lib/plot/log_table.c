#include "plot/log_table.h"

#include "util/channel.h"
#include "util/mem.h"
#include "cli/option.h"
#include "util/path.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *run_name(const char *path)
{
    const char *base = strcmp(path, "-") == 0 ? "<stdin>" : path_base(path);
    const char *dot = strrchr(base, '.');

    return mem_format("%.*s", (int)(dot && dot > base ? dot - base : (long)strlen(base)),
                      base);
}

static int take_head(struct log_table *t, char *line, const char *path, struct error *e)
{
    char *name;

    while ((name = strsep(&line, "\t"))) {
        t->column = mem_resize(t->column, (size_t)t->columns + 1, sizeof *t->column);
        t->column[t->columns++] = mem_string(name);
    }
    if (t->columns < 3 || strcmp(t->column[0], "step") != 0 ||
        strcmp(t->column[1], "seconds") != 0)
        return fail(e, "%s: no log of a training: its first line does not begin with "
                       "step and seconds", path);
    return 0;
}

static int take_line(struct log_table *t, char *line, const char *path, struct error *e)
{
    size_t at = (size_t)t->rows * (size_t)t->columns;
    int n = 0;
    char *cell;

    if (t->rows == t->room) {
        t->room = t->room ? 2 * t->room : 256;
        t->cell = mem_resize(t->cell, (size_t)t->room * (size_t)t->columns,
                             sizeof *t->cell);
    }
    for (; (cell = strsep(&line, "\t")); n++) {
        double *number = &t->cell[at + (size_t)n];

        if (n == t->columns)
            break;
        if (!*cell || strcmp(cell, "inf") == 0 || strcmp(cell, "-inf") == 0)
            *number = NAN; /* not measured, or not to be drawn */
        else if (!option_real(cell, number))
            return fail(e, "%s: line %d: '%.40s' is no number", path, t->rows + 2, cell);
    }
    if (n != t->columns || cell)
        return fail(e, "%s: line %d: %s than %d cells", path, t->rows + 2,
                    cell ? "more" : "fewer", t->columns);
    t->rows++;
    return 0;
}

int log_table_read(struct log_table *t, const char *path, struct error *e)
{
    struct channel c;
    char *line = NULL;
    size_t room = 0;
    int status = 0;

    *t = (struct log_table){ .name = run_name(path) };
    channel_read(&c, path);
    if (!c.f)
        return fail(e, "%s: %s", path, strerror(errno));
    while (status == 0 && channel_line(&c, &line, &room) >= 0)
        status = t->columns ? take_line(t, line, path, e) : take_head(t, line, path, e);
    free(line);
    if (channel_close(&c) != 0 && status == 0)
        status = fail(e, "%s: %s", path, channel_reason(&c));
    if (status == 0 && t->rows == 0)
        status = fail(e, "%s: a log without any line", path);
    return status;
}

void log_table_free(struct log_table *t)
{
    for (int i = 0; i < t->columns; i++)
        free(t->column[i]);
    free(t->column);
    free(t->cell);
    free(t->name);
    *t = (struct log_table){ 0 };
}

int log_table_find(const struct log_table *t, const char *name)
{
    for (int i = 0; i < t->columns; i++)
        if (strcmp(t->column[i], name) == 0)
            return i;
    return -1;
}

bool log_table_any(const struct log_table *t, int column)
{
    for (int r = 0; r < t->rows && column >= 0; r++)
        if (!isnan(t->cell[(long)r * t->columns + column]))
            return true;
    return false;
}
