#include "plot/figure.h"

#include "util/mem.h"
#include "util/printable.h"

#include <math.h>
#include <stdlib.h>

/* Okabe and Ito (2008), told apart by people of any colour vision. */
const char *const figure_colours[FIGURE_COLOURS] = {
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000",
};

/* A copy without control characters, or NULL. */
static char *label(const char *text)
{
    char *copy = text ? mem_string(text) : NULL;

    if (copy)
        printable_replace(copy);
    return copy;
}

struct panel *figure_panel(struct figure *f, const char *title, const char *x_label,
                           const char *y_label)
{
    struct panel p = { .title = label(title), .x_label = label(x_label),
                       .y_label = label(y_label) };

    MEM_PUSH(f->panel, f->count, f->room, p);
    return &f->panel[f->count - 1];
}

struct series *figure_series(struct panel *p, const char *name, enum look look,
                             int colour)
{
    struct series s = { .name = label(name), .look = look, .colour = colour };

    MEM_PUSH(p->series, p->count, p->room, s);
    return &p->series[p->count - 1];
}

int figure_category(struct panel *p, const char *name)
{
    p->category = mem_resize(p->category, (size_t)p->categories + 1, sizeof *p->category);
    p->category[p->categories] = label(name);
    return p->categories++;
}

void figure_interval(struct series *s, double x, double y, double low, double high)
{
    struct point p = { x, y, low, high };

    MEM_PUSH(s->point, s->count, s->room, p);
}

void figure_point(struct series *s, double x, double y)
{
    figure_interval(s, x, y, NAN, NAN);
}

bool figure_any(const struct figure *f)
{
    struct extent e;

    for (int i = 0; i < f->count; i++)
        if (figure_extent(&f->panel[i], &e))
            return true;
    return false;
}

static void widen(double *low, double *high, double x)
{
    *low = x < *low ? x : *low;
    *high = x > *high ? x : *high;
}

bool figure_extent(const struct panel *p, struct extent *e)
{
    bool any = false;

    *e = (struct extent){ INFINITY, -INFINITY, INFINITY, -INFINITY };
    for (int i = 0; i < p->count; i++)
        for (int k = 0; k < p->series[i].count; k++) {
            const struct point *q = &p->series[i].point[k];

            any = true;
            widen(&e->x_low, &e->x_high, q->x);
            widen(&e->y_low, &e->y_high, q->y);
            if (!isnan(q->low)) {
                widen(&e->y_low, &e->y_high, q->low);
                widen(&e->y_low, &e->y_high, q->high);
            }
        }
    if (p->x_unit)
        e->x_low = 0, e->x_high = 1;
    if (p->y_unit)
        e->y_low = 0, e->y_high = 1;
    if (p->y_zero && any)
        widen(&e->y_low, &e->y_high, 0);
    return any;
}

static void free_panel(struct panel *p)
{
    for (int i = 0; i < p->count; i++) {
        free(p->series[i].name);
        free(p->series[i].point);
    }
    for (int i = 0; i < p->categories; i++)
        free(p->category[i]);
    free(p->category);
    free(p->series);
    free(p->title), free(p->x_label), free(p->y_label);
}

void figure_free(struct figure *f)
{
    for (int i = 0; i < f->count; i++)
        free_panel(&f->panel[i]);
    free(f->panel);
    free(f->title);
    *f = (struct figure){ 0 };
}
