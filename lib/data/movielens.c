#include "data/movielens.h"

#include "data/delimited.h"
#include "util/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The README of ml-100k: the last 19 fields, in the order of u.genre. */
static const char *const genres[] = {
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime",
    "Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery",
    "Romance", "Sci-Fi", "Thriller", "War", "Western",
};
enum { GENRES = sizeof genres / sizeof *genres, BEFORE_GENRES = 5 };

const char *const movielens_flag_columns[] = {
    "item_id", "title", "release", "video", "url", "g0", "g1", "g2", "g3", "g4", "g5",
    "g6",
    "g7", "g8", "g9", "g10", "g11", "g12", "g13", "g14", "g15", "g16", "g17", "g18", NULL
};

/* The file's own records, and the texts that are made of one. */
struct films {
    struct records file;
    int title; /* its column in file, or -1: no year is added */
    char year[8], genres[256];
};

static int fail_inside(struct films *f, struct records *r)
{
    r->line = f->file.line;
    return -1;
}

static int open_file(struct records *r, struct error *e)
{
    struct films *f = r->own = mem_new(1, sizeof *f);

    f->title = -1;
    return records_open(&f->file, r->path, &delimited, &r->dialect, e);
}

static int open_flags(struct records *r, struct error *e)
{
    static const char *const names[] = { "item_id", "title", "year", "genres" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        records_add_column(r, names[i]);
    return open_file(r, e);
}

static int open_titles(struct records *r, struct error *e)
{
    struct films *f;

    if (open_file(r, e) != 0)
        return -1;
    f = r->own;
    for (int i = 0; i < f->file.columns; i++)
        records_add_column(r, f->file.name[i]);
    if (f->file.columns == 3 && records_column(r, "title") == 1 &&
        records_column(r, "genres") == 2) {
        f->title = 1;
        records_add_column(r, "year");
    }
    return 0;
}

/* "Heat (1995)" -> "1995"; "" without one. */
static void find_year(struct films *f, const char *title, size_t n)
{
    *f->year = 0;
    while (n > 0 && title[n - 1] == ' ')
        n--;
    if (n < 6 || title[n - 1] != ')' || title[n - 6] != '(')
        return;
    for (size_t i = n - 5; i < n - 1; i++)
        if (!isdigit((unsigned char)title[i]))
            return;
    memcpy(f->year, title + n - 5, 4);
    f->year[4] = 0;
}

static void set(struct records *r, int column, char *text, size_t length)
{
    r->field[column] = text;
    r->length[column] = length;
}

static int next_flags(struct records *r, struct error *e)
{
    struct films *f = r->own;
    int got = records_next(&f->file, e);

    if (got <= 0)
        return got < 0 ? fail_inside(f, r) : 0;
    r->line = f->file.line;
    *f->genres = 0;
    for (int g = 0; g < GENRES; g++) {
        const char *flag = f->file.field[BEFORE_GENRES + g];

        if (strcmp(flag, "0") != 0 && strcmp(flag, "1") != 0)
            return records_fail(r, e, "field %d is '%.60s', expected 0 or 1",
                                BEFORE_GENRES + g + 1, flag);
        if (*flag == '1')
            strcat(strcat(f->genres, *f->genres ? "|" : ""), genres[g]);
    }
    find_year(f, f->file.field[1], f->file.length[1]);
    set(r, 0, f->file.field[0], f->file.length[0]);
    set(r, 1, f->file.field[1], f->file.length[1]);
    set(r, 2, f->year, strlen(f->year));
    set(r, 3, f->genres, strlen(f->genres));
    return 1;
}

static int next_titles(struct records *r, struct error *e)
{
    struct films *f = r->own;
    int got = records_next(&f->file, e);

    if (got <= 0)
        return got < 0 ? fail_inside(f, r) : 0;
    r->line = f->file.line;
    for (int i = 0; i < f->file.columns; i++)
        set(r, i, f->file.field[i], f->file.length[i]);
    if (f->title >= 0) {
        find_year(f, f->file.field[f->title], f->file.length[f->title]);
        set(r, f->file.columns, f->year, strlen(f->year));
    }
    return 1;
}

static void close_films(struct records *r)
{
    struct films *f = r->own;

    if (f)
        records_close(&f->file);
    free(f);
    r->own = NULL;
}

const struct records_kind movielens_flags = { open_flags, next_flags, close_films,
                                              .opens = true };
const struct records_kind movielens_titles = { open_titles, next_titles, close_films,
                                               .opens = true };
