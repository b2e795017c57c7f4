#include "plot/curves.h"

#include "plot/log_table.h"
#include "util/mem.h"
#include "util/near.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define VALID "valid_"
enum { MEANS = 60 }; /* that a smoothed curve has at least */

struct logs {
    struct log_table *list;
    int count;
    char **shown; /* (shows) what has a panel */
    int shows, room;
};

static bool is_axis(const char *column)
{
    static const char *const names[] = { "step", "seconds", "epoch", "lr", NULL };

    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], column) == 0)
            return true;
    return false;
}

/* Is the column there with numbers, in any log? */
static bool is_measured(const struct logs *l, const char *prefix, const char *name)
{
    char *column = mem_format("%s%s", prefix, name);
    bool any = false;

    for (int i = 0; i < l->count; i++)
        any |= log_table_any(&l->list[i], log_table_find(&l->list[i], column));
    free(column);
    return any;
}

static void show(struct logs *l, const char *name)
{
    for (int i = 0; i < l->shows; i++)
        if (strcmp(l->shown[i], name) == 0)
            return;
    MEM_PUSH(l->shown, l->shows, l->room, mem_string(name));
}

/* Everything that was validated, and the loss, in the order of the logs. */
static void show_default(struct logs *l)
{
    for (int i = 0; i < l->count; i++)
        for (int c = 0; c < l->list[i].columns; c++) {
            const char *name = l->list[i].column[c];

            if (is_axis(name))
                continue;
            if (strncmp(name, VALID, strlen(VALID)) == 0)
                name += strlen(VALID);
            if ((strcmp(name, "loss") == 0 && is_measured(l, "", name)) ||
                is_measured(l, VALID, name))
                show(l, name);
        }
}

/* Their names, or what stands in them behind `prefix`. */
static void offer_columns(struct near *near, const struct log_table *t,
                          const char *prefix)
{
    size_t n = strlen(prefix);

    for (int c = 0; c < t->columns; c++)
        if (strncmp(t->column[c], prefix, n) == 0)
            near_offer(near, t->column[c] + n);
}

static int no_numbers(const struct logs *l, const char *name, struct error *e)
{
    struct near near;

    near_begin(&near, name);
    for (int i = 0; i < l->count; i++) {
        offer_columns(&near, &l->list[i], "");
        offer_columns(&near, &l->list[i], VALID);
    }
    fail(e, "--draw: no log has numbers of '%s'", name);
    return near_end(e, &near);
}

static int show_named(struct logs *l, const char *names, struct error *e)
{
    char *copy = mem_string(names), *rest = copy, *name;
    int status = 0;

    while (status == 0 && (name = strsep(&rest, ","))) {
        if (!is_measured(l, "", name) && !is_measured(l, VALID, name))
            status = no_numbers(l, name, e);
        else
            show(l, name);
    }
    free(copy);
    return status;
}

/* The column's numbers as points, each the mean of `rows` of them, at the last's x. */
static void put_points(struct series *s, const struct log_table *t, int column, int x,
                       long rows)
{
    double sum = 0;
    long n = 0;

    for (int r = 0; r < t->rows; r++) {
        const double *cell = t->cell + (long)r * t->columns;

        if (isnan(cell[column]) || isnan(cell[x]))
            continue;
        sum += cell[column];
        if (++n == rows) {
            figure_point(s, cell[x], sum / (double)rows);
            sum = 0;
            n = 0;
        }
    }
}

static long means_of(const struct log_table *t, const struct curves_choice *c)
{
    return c->smooth > 0 ? c->smooth : t->rows / MEANS > 1 ? t->rows / MEANS : 1;
}

/* The run's two curves of one thing.  A run alone has a colour for each. */
static void put_run(struct panel *p, const struct logs *l, int run, const char *name,
                    const struct curves_choice *c)
{
    const struct log_table *t = &l->list[run];
    bool alone = l->count == 1;
    int x = log_table_find(t, c->over);
    char *column = mem_format(VALID "%s", name);
    char *valid = alone ? mem_string("validation")
                        : mem_format("%s, validation", t->name);
    int trained = log_table_find(t, name), validated = log_table_find(t, column);

    if (log_table_any(t, trained))
        put_points(figure_series(p, alone ? "training" : t->name, LOOK_LINE, run), t,
                   trained, x, means_of(t, c));
    if (log_table_any(t, validated))
        put_points(figure_series(p, valid, LOOK_MARKED, alone ? 1 : run), t, validated, x,
                   1);
    free(column);
    free(valid);
}

/* "steps; training: means of up to 4" */
static char *x_label(const struct logs *l, const struct curves_choice *c)
{
    const char *unit = strcmp(c->over, "seconds") == 0 ? "seconds of training"
                       : strcmp(c->over, "step") == 0  ? "steps"
                                                       : c->over;
    long most = 1;

    for (int i = 0; i < l->count; i++)
        most = means_of(&l->list[i], c) > most ? means_of(&l->list[i], c) : most;
    return most == 1 ? mem_string(unit)
                     : mem_format("%s (training: means of %s%ld lines)", unit,
                                  l->count > 1 && c->smooth == 0 ? "up to " : "", most);
}

static void make_figure(struct figure *f, const struct logs *l,
                        const struct curves_choice *c)
{
    char *label = x_label(l, c);

    f->title = mem_string(l->count == 1 ? l->list[0].name : "Training");
    for (int i = 0; i < l->shows; i++) {
        struct panel *p = figure_panel(f, NULL, label, l->shown[i]);

        for (int run = 0; run < l->count; run++)
            put_run(p, l, run, l->shown[i], c);
    }
    free(label);
}

static int read_logs(struct logs *l, char *const *paths, int count,
                     const struct curves_choice *c, struct error *e)
{
    l->list = mem_new((size_t)count, sizeof *l->list);
    while (l->count < count) {
        struct log_table *t = &l->list[l->count];

        if (log_table_read(t, paths[l->count++], e) < 0)
            return -1;
        if (log_table_find(t, c->over) < 0) {
            struct near near;

            near_begin(&near, c->over);
            offer_columns(&near, t, "");
            fail(e, "%s: has no column '%s' of --over", paths[l->count - 1], c->over);
            return near_end(e, &near);
        }
    }
    return 0;
}

int curves_read(struct figure *f, char *const *paths, int count,
                const struct curves_choice *choice, struct error *e)
{
    struct logs l = { 0 };
    int status = read_logs(&l, paths, count, choice, e);

    if (status == 0 && *choice->names)
        status = show_named(&l, choice->names, e);
    else if (status == 0)
        show_default(&l);
    if (status == 0)
        make_figure(f, &l, choice);
    for (int i = 0; i < l.count; i++)
        log_table_free(&l.list[i]);
    for (int i = 0; i < l.shows; i++)
        free(l.shown[i]);
    free(l.list);
    free(l.shown);
    return status;
}
