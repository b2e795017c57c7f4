#include "plot/figure_gnuplot.h"

#include "plot/gnuplot.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Pixels of a panel, and of the figure's title and legends. */
enum { WIDTH = 620, HEIGHT = 440, ALONE_WIDTH = 860, ALONE_HEIGHT = 560 };

enum { ROOM_OF_NAMES = 80 }; /* letters along x */

#define MARGIN .02 /* of a panel's width */
#define BAR_ROOM .8 /* of a category's width */

/* In single quotes; a quote inside is written twice. */
static void put_quoted(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'')
            fputc('\'', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

static void put_set(FILE *out, const char *what, const char *text)
{
    if (!text) {
        fprintf(out, "unset %s\n", what);
        return;
    }
    fprintf(out, "set %s ", what);
    put_quoted(out, text);
    fputs(" noenhanced\n", out);
}

static int columns_of(const struct figure *f)
{
    return f->count == 1 ? 1 : f->count <= 4 ? 2 : 3;
}

static void put_terminal(FILE *out, const struct figure *f, enum picture kind)
{
    int columns = columns_of(f), rows = (f->count + columns - 1) / columns;
    int width = f->count == 1 ? ALONE_WIDTH : columns * WIDTH;
    int height = f->count == 1 ? ALONE_HEIGHT : rows * HEIGHT;

    if (kind == PICTURE_PNG)
        fprintf(out, "set terminal pngcairo size %d,%d noenhanced font 'sans,11'\n",
                width, height);
    else
        fprintf(out, "set terminal svg size %d,%d dynamic noenhanced background 'white' "
                "font 'sans,13'\n", width, height);
    fprintf(out, "set multiplot layout %d,%d", rows, columns);
    if (f->title) {
        fputs(" title ", out);
        put_quoted(out, f->title);
        fputs(" noenhanced", out);
    }
    fputc('\n', out);
}

/* Where a bar stands: the series with bars share a category's room. */
static double place(const struct panel *p, int series, double x)
{
    int bars = 0, before = 0;

    for (int i = 0; i < p->count; i++) {
        bars += p->series[i].look == LOOK_BARS;
        before += p->series[i].look == LOOK_BARS && i < series;
    }
    return p->series[series].look == LOOK_BARS
               ? x + BAR_ROOM * ((before + .5) / bars - .5)
               : x;
}

static void put_data(FILE *out, const struct panel *p)
{
    for (int i = 0; i < p->count; i++) {
        const struct series *s = &p->series[i];

        fprintf(out, "$s%d << END\n", i);
        for (int k = 0; k < s->count; k++) {
            const struct point *q = &s->point[k];

            fprintf(out, "%.9g %.9g", place(p, i, q->x), q->y);
            if (isnan(q->low))
                fputs(" NaN NaN\n", out);
            else
                fprintf(out, " %.9g %.9g\n", q->low, q->high);
            if (s->look == LOOK_SEGMENTS && k % 2 == 1)
                fputc('\n', out);
        }
        fputs("END\n", out);
    }
}

/* Names that would run into each other stand at an angle. */
static bool are_long(const struct panel *p)
{
    size_t letters = 0;

    for (int i = 0; i < p->categories; i++)
        letters += strlen(p->category[i]) + 2;
    return letters > ROOM_OF_NAMES;
}

static void put_categories(FILE *out, const struct panel *p)
{
    fprintf(out, "set xrange [-.6:%d.6]\nset grid noxtics\nset xtics %s (",
            p->categories - 1, are_long(p) ? "rotate by -30" : "norotate");
    for (int i = 0; i < p->categories; i++) {
        fputs(i ? ", " : "", out);
        put_quoted(out, p->category[i]);
        fprintf(out, " %d", i);
    }
    fputs(") noenhanced\n", out);
}

/* A little more than the numbers, so that no mark is cut. */
static void put_range(FILE *out, const struct extent *e)
{
    double room = (e->x_high - e->x_low) * MARGIN;

    if (room > 0)
        fprintf(out, "set xrange [%.9g:%.9g]\n", e->x_low - room, e->x_high + room);
}

static void put_axes(FILE *out, const struct panel *p, const struct extent *e)
{
    static const char *const legends[] = {
        [LEGEND_ABOVE] = "tmargin center horizontal",
        [LEGEND_LEFT] = "top left opaque",
        [LEGEND_BESIDE] = "outside right top",
        [LEGEND_TURNED] = "outside right top invert",
    };

    put_set(out, "title", p->title);
    put_set(out, "xlabel", p->x_label);
    put_set(out, "ylabel", p->y_label);
    fprintf(out, "set autoscale\nset xtics norotate autofreq\nset grid\nset key default\n"
            "set key %s noenhanced\n", legends[p->legend]);
    if (p->x_unit)
        fputs("set xrange [0:1]\nset size square\n", out);
    else
        fputs("set size nosquare\n", out);
    if (p->y_unit)
        fputs("set yrange [0:1]\n", out);
    else if (p->y_zero)
        fputs("set yrange [0:*]\n", out);
    if (p->category)
        put_categories(out, p);
    else if (!p->x_unit)
        put_range(out, e);
}

static const char *colour_of(const struct series *s)
{
    return s->colour < 0 ? "#909090" : figure_colours[s->colour % FIGURE_COLOURS];
}

/* How one series is drawn; columns of its data are x, y, low, high. */
static void put_look(FILE *out, const struct panel *p, int i)
{
    const struct series *s = &p->series[i];
    int mark = s->mark ? 2 : 7, bars = 0;
    const char *colour = colour_of(s);

    for (int k = 0; k < p->count; k++)
        bars += p->series[k].look == LOOK_BARS;
    fprintf(out, "$s%d ", i);
    switch (s->look) {
    case LOOK_LINE:
        fprintf(out, "using 1:2 with lines lw 1.5 lc rgb '%s'", colour);
        break;
    case LOOK_MARKED:
        fprintf(out, "using 1:2 with linespoints lw 2 pt %d ps .8 lc rgb '%s'", mark,
                colour);
        break;
    case LOOK_POINTS:
        fprintf(out, "using 1:2 with points pt %d ps .9 lc rgb '%s'", mark, colour);
        break;
    case LOOK_SMALL:
        fprintf(out, "using 1:2 with points pt %d ps .6 lc rgb '%s'", mark, colour);
        break;
    case LOOK_SEGMENTS:
        fprintf(out, "using 1:2 with lines lw .5 lc rgb '#c8c8c8'");
        break;
    case LOOK_BARS:
        fprintf(out, "using 1:2:(%g) with boxes lc rgb '%s' fs solid .8 noborder",
                BAR_ROOM * .94 / bars, colour);
        break;
    case LOOK_FAINT:
        fprintf(out, "using 1:2 with lines dt 2 lw 1.5 lc rgb '#808080'");
        break;
    }
    if (s->name) {
        fputs(" title ", out);
        put_quoted(out, s->name);
    } else {
        fputs(" notitle", out);
    }
}

static bool has_intervals(const struct series *s)
{
    for (int k = 0; k < s->count; k++)
        if (!isnan(s->point[k].low))
            return true;
    return false;
}

static void put_panel(FILE *out, const struct panel *p)
{
    struct extent e;
    const char *comma = "";

    if (!figure_extent(p, &e))
        return;
    put_axes(out, p, &e);
    put_data(out, p);
    fputs("plot ", out);
    for (int i = 0; i < p->count; i++) {
        if (p->series[i].count == 0)
            continue;
        fputs(comma, out);
        comma = ", ";
        put_look(out, p, i);
        if (has_intervals(&p->series[i]))
            fprintf(out,
                    ", $s%d using 1:3:(0):($4-$3) with vectors heads size screen .004,90 "
                    "lw 1.3 lc rgb '%s' notitle",
                    i,
                    p->series[i].look == LOOK_BARS ? "#303030"
                                                   : colour_of(&p->series[i]));
    }
    fputc('\n', out);
}

void figure_gnuplot_script(FILE *out, const struct figure *f, enum picture kind)
{
    fputs("set encoding utf8\n", out);
    put_terminal(out, f, kind);
    for (int i = 0; i < f->count; i++)
        put_panel(out, &f->panel[i]);
    fputs("unset multiplot\n", out);
}

int figure_gnuplot_draw(const struct figure *f, enum picture kind, char **bytes,
                        size_t *size, struct error *e)
{
    char *script;
    size_t length;
    FILE *out = open_memstream(&script, &length);
    int status;

    if (!out)
        return fail(e, "gnuplot: %s", "no memory for its commands");
    figure_gnuplot_script(out, f, kind);
    fclose(out);
    status = gnuplot_run(script, length, bytes, size, e);
    free(script);
    return status;
}
