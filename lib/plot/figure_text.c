#include "plot/figure_text.h"

#include "util/mem.h"
#include "util/printable.h"
#include "util/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 18, MARGIN = 10, TICK_EVERY = 16 };

static const char marks[] = "ox+*#@%&=$";

/* The characters of a panel, (ROWS, columns). */
struct canvas {
    char *cell;
    int columns;
    struct extent e;
};

static int column_of(const struct canvas *c, double x)
{
    double low = c->e.x_low, high = c->e.x_high;

    return high > low ? (int)lround((x - low) / (high - low) * (c->columns - 1))
                      : c->columns / 2;
}

static int row_of(const struct canvas *c, double y)
{
    double part = c->e.y_high > c->e.y_low ? (y - c->e.y_low) / (c->e.y_high - c->e.y_low)
                                           : .5;

    return (int)lround((1 - part) * (ROWS - 1));
}

static void put(struct canvas *c, int column, int row, char mark)
{
    if (column >= 0 && column < c->columns && row >= 0 && row < ROWS)
        c->cell[row * c->columns + column] = mark;
}

/* Dots between two points, where nothing is yet. */
static void put_line(struct canvas *c, const struct point *a, const struct point *b)
{
    int x = column_of(c, a->x), y = row_of(c, a->y), end = column_of(c, b->x),
        y_end = row_of(c, b->y), steps = abs(end - x) > abs(y_end - y) ? abs(end - x)
                                                                      : abs(y_end - y);

    for (int i = 1; i < steps; i++) {
        int column = x + (int)lround((double)(end - x) * i / steps);
        int row = y + (int)lround((double)(y_end - y) * i / steps);

        if (column >= 0 && column < c->columns && row >= 0 && row < ROWS &&
            c->cell[row * c->columns + column] == ' ')
            put(c, column, row, '.');
    }
}

static void put_series(struct canvas *c, const struct series *s, char mark)
{
    bool line = s->look == LOOK_LINE || s->look == LOOK_MARKED || s->look == LOOK_FAINT;

    for (int i = 1; i < s->count && line; i++)
        put_line(c, &s->point[i - 1], &s->point[i]);
    for (int i = 0; i < s->count && s->look != LOOK_FAINT; i++)
        put(c, column_of(c, s->point[i].x), row_of(c, s->point[i].y), mark);
}

/* Of many points the colour decides, which series may share; else each has its own. */
static char mark_of(const struct panel *p, int series)
{
    const struct series *s = &p->series[series];
    int which = s->look == LOOK_SMALL ? s->colour : series;

    return s->look == LOOK_FAINT || which < 0 ? '.'
                                              : marks[(size_t)which % (sizeof marks - 1)];
}

/* "o cf   x llm" */
static void print_legend(FILE *out, const struct panel *p)
{
    const char *space = "";

    fprintf(out, "%*s", MARGIN + 1, "");
    for (int i = 0; i < p->count; i++)
        if (p->series[i].name && p->series[i].count > 0) {
            fprintf(out, "%s%c %s", space, mark_of(p, i), p->series[i].name);
            space = "   ";
        }
    fputc('\n', out);
}

/* The x of a column. */
static double x_at(const struct canvas *c, int column)
{
    return c->e.x_low + (c->e.x_high - c->e.x_low) * column / (c->columns - 1);
}

static void print_ticks(FILE *out, const struct canvas *c, const struct panel *p)
{
    int at = 0;

    fprintf(out, "%*s+", MARGIN, "");
    for (int i = 0; i < c->columns; i++)
        fputc(i % TICK_EVERY ? '-' : '+', out);
    fprintf(out, "\n%*s ", MARGIN, "");
    for (int i = 0; i < c->columns; i += TICK_EVERY) {
        double x = x_at(c, i);
        const char *name = p->category && lround(x) < p->categories
                               ? p->category[lround(x) < 0 ? 0 : lround(x)] : NULL;

        at += fprintf(out, "%*s", i - at, "");
        at += name ? fprintf(out, "%.*s", TICK_EVERY - 2, name) : fprintf(out, "%.4g", x);
    }
    fprintf(out, "\n%*s %s\n", MARGIN, "", p->x_label ? p->x_label : "");
}

static void print_plane(FILE *out, const struct panel *p, const struct extent *e,
                        int width)
{
    struct canvas c = { .columns = width - MARGIN - 1, .e = *e };

    c.cell = mem_new((size_t)(ROWS * c.columns), 1);
    memset(c.cell, ' ', (size_t)(ROWS * c.columns));
    for (int i = 0; i < p->count; i++)
        if (p->series[i].name)
            put_series(&c, &p->series[i], mark_of(p, i));
    if (p->y_label)
        fprintf(out, "%s\n", p->y_label);
    for (int row = 0; row < ROWS; row++) {
        double y = e->y_high - (e->y_high - e->y_low) * row / (ROWS - 1);

        if (row % 4 == 0 || row == ROWS - 1)
            fprintf(out, "%*.4g |", MARGIN - 1, y);
        else
            fprintf(out, "%*s |", MARGIN - 1, "");
        fprintf(out, "%.*s\n", c.columns, c.cell + (long)row * c.columns);
    }
    print_ticks(out, &c, p);
    print_legend(out, p);
    free(c.cell);
}

/* A name in so many columns, characters of UTF-8 not cut. */
static void print_name(FILE *out, const char *name, int width)
{
    int used = 0;

    for (size_t n = strlen(name), k; n > 0 && used < width; n -= k, name += k, used++) {
        k = printable_bytes(name, n);
        fwrite(name, 1, k, out);
    }
    fprintf(out, "%*s", width - used, "");
}

static int characters(const char *name)
{
    int count = 0;

    for (size_t n = strlen(name), k; n > 0; n -= k, name += k, count++)
        k = printable_bytes(name, n);
    return count;
}

/* One bar: filled up to its value, its interval as dashes and a bar at each end. */
static void print_bar(FILE *out, const struct point *q, double high, int width)
{
    int end = (int)lround(q->y / high * width);
    int from = isnan(q->low) ? end : (int)lround(q->low / high * width);
    int to = isnan(q->low) ? end : (int)lround(q->high / high * width);
    char mean[32], low[32], upper[32];

    fputc('|', out);
    for (int i = 0; i < width; i++)
        fputc(from < to && (i == from || i == to - 1) ? '|'
              : i < end                               ? '#'
              : i < to                                ? '-'
                                                      : ' ', out);
    fprintf(out, " %s", table_short_number(q->y, mean, sizeof mean));
    if (!isnan(q->low))
        fprintf(out, " %s-%s", table_short_number(q->low, low, sizeof low),
                table_short_number(q->high, upper, sizeof upper));
    fputc('\n', out);
}

/* Categories below each other, in each the series' bars. */
static void print_bars(FILE *out, const struct panel *p, double high, int width)
{
    int name = 0, room;

    for (int i = 0; i < p->count; i++)
        if (p->series[i].name && characters(p->series[i].name) > name)
            name = characters(p->series[i].name);
    name = name > width / 4 ? width / 4 : name;
    room = width - name - 4 - 18; /* " .1234 .1234-.1234" */
    for (int c = 0; c < p->categories; c++) {
        fprintf(out, "%s\n", p->category[c]);
        for (int i = 0; i < p->count; i++)
            for (int k = 0; k < p->series[i].count; k++)
                if (lround(p->series[i].point[k].x) == c) {
                    fputs("  ", out);
                    print_name(out, p->series[i].name ? p->series[i].name : "", name);
                    fputc(' ', out);
                    print_bar(out, &p->series[i].point[k], high, room);
                }
    }
}

static bool has_bars(const struct panel *p)
{
    for (int i = 0; i < p->count; i++)
        if (p->series[i].look == LOOK_BARS)
            return true;
    return false;
}

void figure_text(FILE *out, const struct figure *f, int width)
{
    const char *gap = "";
    struct extent e;

    if (f->title) {
        fprintf(out, "%s\n", f->title);
        gap = "\n";
    }
    for (int i = 0; i < f->count; i++) {
        const struct panel *p = &f->panel[i];

        if (!figure_extent(p, &e))
            continue;
        fputs(gap, out);
        gap = "\n";
        if (p->title)
            fprintf(out, "%s\n", p->title);
        if (has_bars(p))
            print_bars(out, p, e.y_high > 0 ? e.y_high : 1, width);
        else
            print_plane(out, p, &e, width);
    }
}
