/* A picture before it is drawn: panels of series of points, in the units of the data.
 * figure_gnuplot draws it as PNG or SVG, figure_text as characters. */
#ifndef PLOT_FIGURE_H
#define PLOT_FIGURE_H

#include <stdbool.h>

enum look {
    LOOK_LINE,
    LOOK_MARKED,   /* a line with a mark at each point */
    LOOK_POINTS,
    LOOK_SMALL,    /* many points */
    LOOK_SEGMENTS, /* lines from every even point to the odd one behind it */
    LOOK_BARS,     /* of categories: x counts them from 0 */
    LOOK_FAINT,    /* a thin grey line: what to compare with */
};

/* low and high are the ends of an interval around y, NAN where there is none. */
struct point {
    double x, y, low, high;
};

struct series {
    char *name; /* NULL: not in the legend */
    enum look look;
    int colour; /* of figure_colours, -1: grey; all panels use one for one thing */
    int mark;   /* 0: a circle, 1: a cross */
    struct point *point;
    int count, room;
};

/* Where gnuplot puts the names of series. */
enum legend {
    LEGEND_ABOVE,
    LEGEND_LEFT,   /* in the panel, above on the left */
    LEGEND_BESIDE,
    LEGEND_TURNED, /* beside, the last series first */
};

struct panel {
    char *title, *x_label, *y_label; /* title NULL: none */
    char **category; /* (categories) names along x; NULL: x has numbers */
    int categories;
    bool x_unit, y_unit; /* the axis shows 0 to 1 */
    bool y_zero;         /* the axis begins with 0 */
    enum legend legend;
    struct series *series;
    int count, room;
};

struct figure {
    char *title;
    struct panel *panel;
    int count, room;
};

enum { FIGURE_COLOURS = 7 };
extern const char *const figure_colours[FIGURE_COLOURS]; /* "#0072b2" */

/* Adds an empty panel or series, whose texts it copies; borrowed until the next one. */
struct panel *figure_panel(struct figure *f, const char *title, const char *x_label,
                           const char *y_label);
struct series *figure_series(struct panel *p, const char *name, enum look look,
                             int colour);

/* Adds a category; its number. */
int figure_category(struct panel *p, const char *name);

/* Adds a point, without an interval or with one. */
void figure_point(struct series *s, double x, double y);
void figure_interval(struct series *s, double x, double y, double low, double high);

/* Does any panel have a point? */
bool figure_any(const struct figure *f);

/* The smallest and largest x and y of a panel's points and intervals, as its axes ask
 * for; false where there is no point. */
struct extent {
    double x_low, x_high, y_low, y_high;
};
bool figure_extent(const struct panel *p, struct extent *e);

void figure_free(struct figure *f);

#endif
