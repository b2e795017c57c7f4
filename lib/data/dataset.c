#include "data/dataset.h"

#include "data/dataset_catalogue.h"
#include "data/dataset_columns.h"
#include "data/delimited.h"
#include "data/layout_files.h"
#include "data/layout_parts.h"
#include "data/splits.h"
#include "util/mem.h"
#include "util/progress.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A rating is written as a 32-bit float. */
static int read_rating(const struct records *t, int column, double *rating,
                       struct error *e)
{
    if (records_number(t, column, rating, e) != 0)
        return -1;
    if (isinf((float)*rating))
        return records_fail(t, e, "%s is '%.60s', expected a number within 32-bit floats "
                              "(%g)", t->name[column], t->field[column], (double)FLT_MAX);
    return 0;
}

/* Room for more interactions. */
static void grow(struct dataset *d, bool rated, bool split, int64_t *room)
{
    size_t more = (size_t)(*room = *room ? 2 * *room : 4096);

    d->user = mem_resize(d->user, more, sizeof *d->user);
    d->item = mem_resize(d->item, more, sizeof *d->item);
    d->time = mem_resize(d->time, more, sizeof *d->time);
    if (d->fraction)
        d->fraction = mem_resize(d->fraction, more, sizeof *d->fraction);
    if (rated)
        d->rating = mem_resize(d->rating, more, sizeof *d->rating);
    if (split)
        d->split = mem_resize(d->split, more, sizeof *d->split);
}

/* What the record's column says it is for. */
static int read_split(const struct records *t, int column, uint8_t *split,
                      struct error *e)
{
    int found = split_of_word(t->field[column], t->length[column]);

    if (found < 0)
        return records_fail(t, e, "%s is '%.60s', expected train, valid (validation, "
                              "val, dev) or test", t->name[column], t->field[column]);
    *split = (uint8_t)found;
    return 0;
}

/* Fractions take memory from the first on. */
static void set_time(struct dataset *d, struct moment time, int64_t room)
{
    d->time[d->n] = time.whole;
    if (time.fraction > 0 && !d->fraction)
        d->fraction = mem_new((size_t)room, sizeof *d->fraction);
    if (d->fraction)
        d->fraction[d->n] = time.fraction;
}

enum { EVENTS_MAX = 20, PROGRESS_ROWS = 1 << 16 }; /* kinds; rows between two looks */

/* How many interactions each kind of event has. */
struct events {
    struct string_index kinds;
    int64_t count[EVENTS_MAX];
};

static void count_event(struct events *v, const char *kind, size_t length, int64_t n)
{
    if (v->kinds.texts.count < EVENTS_MAX ||
        string_index_find(&v->kinds, kind, length) >= 0)
        v->count[string_index_add(&v->kinds, kind, length)] += n;
}

/* A log of which everything is taken, without anybody having said so. */
static void say_events(const struct events *v, const char *name)
{
    const struct texts *kinds = &v->kinds.texts;
    char list[400] = "";

    for (int64_t i = 0; i < kinds->count; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%.30s %lld",
                 i ? ", " : "", texts_length(kinds, i) ? texts_at(kinds, i) : "(none)",
                 (long long)v->count[i]);
    if (kinds->count > 1)
        say("column '%s' has several kinds of events (%s), all are taken: --only %s=%s "
            "takes one",
            name, list, name, texts_at(kinds, texts_length(kinds, 0) == 0));
}

const char *const dataset_unit_names[] = { "auto", "s", "ms", "us", "ns", NULL };

/* What the times count, and the first record that tells; line 0: none has told. */
struct unit {
    int counts; /* as moment_counts */
    const char *path; /* lent */
    int64_t line;
    struct moment time;
};

/* The rows of the interactions while they are read. */
struct rows {
    const struct dataset_choice *choice;
    struct dataset_columns c;
    int columns; /* of the table when c was found */
    struct events events;
    struct unit unit;
    int64_t room;
    const char *path; /* of the file that is read; lent */
    int split;        /* of all its rows; -1: their column's, or none */
};

static bool has_splits(const struct rows *w)
{
    return w->split >= 0 || w->c.split >= 0;
}

/* Where the unit is given, only a date can be of another. */
static int check_given(const struct rows *w, const struct records *t,
                       const struct moment *m, struct error *e)
{
    if (!m->date || w->choice->unit == DATASET_UNIT_S)
        return 0;
    return records_fail(t, e, "%s is '%.60s', a date, expected a number of %s "
                        "(--time-unit)", t->name[w->c.time], t->field[w->c.time],
                        dataset_unit_names[w->choice->unit]);
}

/* Seconds and milliseconds, or milliseconds and dates, are not one order. */
static int check_unit(struct rows *w, const struct records *t, const struct moment *m,
                      struct error *e)
{
    struct unit *u = &w->unit, now = { moment_counts(m), w->path, t->line, *m };
    bool here = u->path == w->path;

    if (w->choice->unit != DATASET_UNIT_AUTO)
        return check_given(w, t, m, e);
    if (now.counts < 0 || (u->line > 0 && now.counts == u->counts))
        return 0;
    if (u->line > 0)
        return records_fail(t, e, "%s is '%.60s', which looks like %s, but %s%s%lld has "
                            "%s", t->name[w->c.time], t->field[w->c.time],
                            m->date ? "a date" : moment_unit(now.counts),
                            here ? "line " : u->path, here ? "" : ":",
                            (long long)u->line,
                            u->time.date ? "a date" : moment_unit(u->counts));
    *u = now;
    return 0;
}

static int add_interaction(struct dataset *d, const struct records *t, struct rows *w,
                           struct error *e)
{
    const struct dataset_columns r = w->c;
    double rating = 0;
    struct moment time = { .whole = d->n };
    uint8_t split = (uint8_t)w->split;

    if (dataset_check_field(t, r.user, true, e) != 0 ||
        dataset_check_field(t, r.item, true, e) != 0 ||
        (r.split >= 0 && read_split(t, r.split, &split, e) != 0) ||
        (r.rating >= 0 && read_rating(t, r.rating, &rating, e) != 0) ||
        (r.time >= 0 && (records_moment(t, r.time, &time, e) != 0 ||
                         check_unit(w, t, &time, e) != 0)))
        return -1;
    if (d->n == w->room)
        grow(d, r.rating >= 0, has_splits(w), &w->room);
    d->user[d->n] = string_index_add(&d->users, t->field[r.user], t->length[r.user]);
    d->item[d->n] = string_index_add(&d->items, t->field[r.item], t->length[r.item]);
    set_time(d, time, w->room);
    if (r.rating >= 0)
        d->rating[d->n] = rating;
    if (d->split)
        d->split[d->n] = split;
    d->n++;
    return 0;
}

/* JSON's keys become columns with the first record that has them. */
static int find_again(struct rows *w, const struct records *t, int64_t taken,
                      struct error *e)
{
    int event = w->c.event;

    w->columns = t->columns;
    if (dataset_columns_again(&w->c, t, w->choice, taken > 0, e) != 0)
        return -1;
    if (event < 0 && w->c.event >= 0 && taken > 0)
        count_event(&w->events, "", 0, taken);
    return 0;
}

/* A record, where --only takes it. */
static int read_row(struct dataset *d, const struct records *t, struct rows *w,
                    struct error *e)
{
    const struct dataset_columns *c = &w->c;

    if (t->columns != w->columns && find_again(w, t, d->n, e) != 0)
        return -1;
    if (!dataset_columns_takes(c, t))
        return 0;
    if (c->event >= 0)
        count_event(&w->events, t->field[c->event], t->length[c->event], 1);
    if ((c->rating < 0 || c->time < 0) && dataset_columns_check(c, t, e) != 0)
        return -1;
    return add_interaction(d, t, w, e);
}

static int read_rows(struct dataset *d, struct records *t, struct rows *w,
                     struct error *e)
{
    int64_t seen = 0, before = d->n;
    int got;

    w->columns = t->columns;
    progress_begin("reading", "MB", (long)(t->in.size / 1000000));
    while ((got = records_next(t, e)) > 0) {
        if (++seen % PROGRESS_ROWS == 0)
            text_window_progress(&t->in);
        if ((got = read_row(d, t, w, e)) < 0)
            break;
    }
    progress_end();
    if (got == 0 && d->n == before && w->split <= 0)
        got = seen > 0 ? fail(e, "%s: no interactions that --only takes", t->path)
                       : fail(e, "%s: no interactions after the header", t->path);
    return got;
}

/* The file opened, and its columns found; one of ratings without a header is seen by its
 * first line. */
static int open_interactions(struct records *t, struct dataset_columns *c,
                             const char *path, const struct layout *l,
                             struct dialect dialect, const struct dataset_choice *choice,
                             struct error *e)
{
    int got = records_open(t, path, l->kind, &dialect, e);

    if (got != 0)
        return got;
    if (dialect.bare && !choice->user && !choice->item)
        return fail(e, "%s: no header: --user N --item N say which columns are which",
                    path);
    got = dataset_columns_find(c, t, choice, e);
    if (got == 0 || l->kind != &delimited || dialect.columns || choice->user ||
        choice->item || strcmp(path, "-") == 0 || !dataset_columns_amazon(c, t))
        return got;
    records_close(t);
    dialect.bare = true;
    say("%s: no header: columns are taken as %s, rating, timestamp", path,
        c->user < c->item ? "user, item" : "item, user");
    return records_open(t, path, l->kind, &dialect, e);
}

/* A file beside the first one is no other table. */
static int check_alike(const struct rows *w, const struct dataset_columns *first,
                       const char *path, struct error *e)
{
    bool rated = first->rating >= 0, timed = first->time >= 0;

    if (rated != (w->c.rating >= 0))
        return fail(e, "%s: has %s column of ratings, expected %s as in %s", w->path,
                    rated ? "no" : "a", rated ? "one" : "none", path);
    if (timed != (w->c.time >= 0))
        return fail(e, "%s: has %s column of times, expected %s as in %s", w->path,
                    timed ? "no" : "a", timed ? "one" : "none", path);
    return 0;
}

/* A column that says what rows are for, which nobody has asked for. */
static void say_split(const struct records *t, const struct rows *w)
{
    static const char *const names[] = { "split", NULL };
    int column = has_splits(w) ? -1 : records_column_of(t, names);

    if (column >= 0)
        say("column '%s' is not taken as splits: --split %s takes it", t->name[column],
            t->name[column]);
}

/* One file; first (NULL: this one) is the file before it. */
static int read_file(struct dataset *d, const char *path, const char *first,
                     const struct layout *l, struct rows *w, struct error *e)
{
    const struct dataset_choice *choice = w->choice;
    struct dialect dialect = l->inter;
    struct records_key *keys = dataset_columns_keys(dialect.keys, choice, false);
    struct dataset_columns before = w->c;
    struct records t;
    int got;

    if (choice->encoding)
        dialect.encoding = choice->encoding;
    dialect.keys = keys;
    dialect.bare = choice->bare && !dialect.columns;
    dialect.wants = dataset_columns_known;
    w->path = path;
    got = open_interactions(&t, &w->c, path, l, dialect, choice, e);
    if (got == 0 && first)
        got = check_alike(w, &before, first, e);
    if (got == 0)
        got = read_rows(d, &t, w, e);
    if (got == 0 && w->c.event >= 0 && !first)
        say_events(&w->events, t.name[w->c.event]);
    if (got == 0 && !first)
        say_split(&t, w);
    if (got == 0 && !first && !t.dialect.bare)
        d->key = mem_string(t.name[w->c.item]);
    records_close(&t);
    dataset_columns_free_keys(keys);
    return got;
}

static int read_interactions(struct dataset *d, const struct layout_files *f,
                             const struct dataset_choice *choice, struct error *e)
{
    bool parted = layout_parts_are(f);
    struct rows w = { .choice = choice, .split = parted ? SPLIT_TRAIN : -1,
                      .unit.counts = choice->unit == DATASET_UNIT_AUTO
                                         ? 0 : 3 * (choice->unit - DATASET_UNIT_S) };
    int got;

    if (parted && choice->split)
        return fail(e, "%s: its file is of one split, but --split asks for a column of "
                       "splits", f->interactions);
    got = read_file(d, f->interactions, NULL, f->layout, &w, e);
    for (int s = SPLIT_VALID; got == 0 && s < SPLITS; s++) {
        w.split = s;
        if (f->parts[s])
            got = read_file(d, f->parts[s], f->interactions, f->layout, &w, e);
    }
    string_index_free(&w.events.kinds);
    d->split_by = parted ? "files" : choice->split ? "column" : NULL;
    d->has_time = got == 0 && w.c.time >= 0;
    if (d->has_time)
        d->scale = moment_settle(d->time, d->fraction, d->n, w.unit.counts);
    return got;
}

int dataset_read(struct dataset *d, const char *path, const struct dataset_choice *choice,
                 struct error *e)
{
    struct layout_files f;
    int got = layout_files_find(&f, path, choice->format, choice->items, e);

    *d = (struct dataset){ .title = -1 };
    if (got == 0 && f.note)
        say("%s", f.note);
    if (got == 0)
        got = read_interactions(d, &f, choice, e);
    if (got == 0 && f.items)
        got = dataset_read_items(d, f.items, f.item_layout, choice, e);
    else if (got == 0 && choice->title)
        got = fail(e, "%s: no item file beside it, but --title is given", f.interactions);
    layout_files_free(&f);
    if (got == 0 && !d->has_time)
        say("no column of times: interactions count as made in the file's order");
    if (got == 0 && d->has_time)
        moment_say(&d->scale, choice->unit == DATASET_UNIT_AUTO);
    return got;
}

void dataset_free(struct dataset *d)
{
    for (int i = 0; i < d->columns; i++) {
        free(d->column[i].name);
        texts_free(&d->column[i].texts);
    }
    free(d->column);
    free(d->key);
    free(d->record);
    free(d->user);
    free(d->item);
    free(d->time);
    free(d->fraction);
    free(d->rating);
    free(d->split);
    string_index_free(&d->users);
    string_index_free(&d->items);
    *d = (struct dataset){ 0 };
}
