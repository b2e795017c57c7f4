#include "data/dataset.h"

#include "data/layout.h"
#include "stream/frame.h"
#include "util/mem.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const dataset_formats[] = { "auto", "recbole", "csv", "tsv", NULL };

/* What the columns are called in the data sets people have. */
static const char *const user_names[] = { "user_id", "userId", "user", "reviewerID",
                                          NULL };
const char *const dataset_item_names[] = { "item_id",    "itemId", "item", "movieId",
                                          "product_id", "parent_asin", "asin", NULL };
static const char *const rating_names[] = { "rating", "ratings", "overall", "stars",
                                            NULL };
static const char *const time_names[] = { "timestamp", "time", "unixReviewTime", NULL };
const char *const dataset_title_names[] = { "title", "movie_title", "name",
                                           "product_title", NULL };

/* Columns of the interaction file; rating and time are -1 where there is none. */
struct roles {
    int user, item, rating, time;
};

static int find_roles(const struct records *t, struct roles *r, struct error *e)
{
    r->user = records_column_of(t, user_names);
    r->item = records_column_of(t, dataset_item_names);
    r->rating = records_column_of(t, rating_names);
    r->time = records_column_of(t, time_names);
    if (r->user < 0)
        return records_fail(t, e, "no column of users, expected one named user_id");
    if (r->item < 0)
        return records_fail(t, e, "no column of items, expected one named item_id");
    return 0;
}

/* The field as an id or a text: not empty, not too long for a stream. */
static int check_field(const struct records *t, int column, bool id, struct error *e)
{
    if (id && t->length[column] == 0)
        return records_fail(t, e, "%s is empty", t->name[column]);
    if (t->length[column] > STREAM_TEXT_MAX)
        return records_fail(t, e, "%s has %zu bytes, expected at most %d",
                              t->name[column], t->length[column], STREAM_TEXT_MAX);
    return 0;
}

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
static void grow(struct dataset *d, bool rated, int64_t *room)
{
    size_t more = (size_t)(*room = *room ? 2 * *room : 4096);

    d->user = mem_resize(d->user, more, sizeof *d->user);
    d->item = mem_resize(d->item, more, sizeof *d->item);
    d->time = mem_resize(d->time, more, sizeof *d->time);
    if (d->fraction)
        d->fraction = mem_resize(d->fraction, more, sizeof *d->fraction);
    if (rated)
        d->rating = mem_resize(d->rating, more, sizeof *d->rating);
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

/* Files are mostly written user by user. */
static int32_t user_number(struct dataset *d, const char *id, size_t length)
{
    if (d->n > 0) {
        int32_t last = d->user[d->n - 1];

        if (texts_length(&d->users.texts, last) == length &&
            memcmp(texts_at(&d->users.texts, last), id, length) == 0)
            return last;
    }
    return id_index_add(&d->users, id, length);
}

static int add_interaction(struct dataset *d, const struct records *t, struct roles r,
                           int64_t *room, struct error *e)
{
    double rating = 0;
    struct moment time = { .whole = d->n };

    if (check_field(t, r.user, true, e) != 0 || check_field(t, r.item, true, e) != 0 ||
        (r.rating >= 0 && read_rating(t, r.rating, &rating, e) != 0) ||
        (r.time >= 0 && records_moment(t, r.time, &time, e) != 0))
        return -1;
    if (d->n == *room)
        grow(d, r.rating >= 0, room);
    d->user[d->n] = user_number(d, t->field[r.user], t->length[r.user]);
    d->item[d->n] = id_index_add(&d->items, t->field[r.item], t->length[r.item]);
    set_time(d, time, *room);
    if (r.rating >= 0)
        d->rating[d->n] = rating;
    d->n++;
    return 0;
}

static int read_interactions(struct dataset *d, const char *path, struct dialect dialect,
                             struct error *e)
{
    struct records t;
    struct roles r;
    int64_t room = 0;
    int got = records_open(&t, path, &delimited, &dialect, e);

    if (got == 0)
        got = find_roles(&t, &r, e);
    if (got == 0)
        while ((got = records_next(&t, e)) > 0)
            if ((got = add_interaction(d, &t, r, &room, e)) < 0)
                break;
    if (got == 0 && d->n == 0)
        got = fail(e, "%s: no interactions after the header", path);
    d->has_time = got == 0 && r.time >= 0;
    if (d->has_time)
        d->scale = moment_settle(d->time, d->fraction, d->n);
    records_close(&t);
    return got;
}

static int choose_title(struct dataset *d, const struct records *t, int id,
                        const char *title, struct error *e)
{
    int column = title ? records_column(t, title) : records_column_of(t, dataset_title_names);

    if (title && (column < 0 || column == id))
        return records_fail(t, e, "no column '%s', which --title asks for", title);
    d->title = column < 0 ? -1 : column - (column > id);
    return 0;
}

/* Room in record for every item known, -1 where there is no record. */
static void grow_records(struct dataset *d, int64_t *known)
{
    int64_t room = d->items.texts.count;

    if (*known >= room)
        return;
    room += room / 2 + 16;
    d->record = mem_resize(d->record, (size_t)room, sizeof *d->record);
    for (; *known < room; ++*known)
        d->record[*known] = -1;
}

/* An item's first record counts. */
static int add_item(struct dataset *d, const struct records *t, int id, int64_t *record,
                    int64_t *known, struct error *e)
{
    int32_t item;

    if (check_field(t, id, true, e) != 0)
        return -1;
    item = id_index_add(&d->items, t->field[id], t->length[id]);
    grow_records(d, known);
    if (d->record[item] >= 0) {
        d->twice++;
        return 0;
    }
    d->record[item] = (*record)++;
    for (int i = 0, c = 0; i < t->columns; i++) {
        if (i == id)
            continue;
        if (check_field(t, i, false, e) != 0)
            return -1;
        texts_add(&d->column[c++].texts, t->field[i], t->length[i]);
    }
    return 0;
}

/* Could a text in a stream be named item.NAME, also with a tail of ours? */
static bool can_name(const char *name)
{
    char *longest = mem_format("item.%s_column", name);
    bool valid = stream_name_valid(longest);

    free(longest);
    return valid;
}

static int begin_items(struct dataset *d, const struct records *t, int *id,
                       const char *title, struct error *e)
{
    *id = records_column_of(t, dataset_item_names);
    if (*id < 0)
        return records_fail(t, e, "no column of items, expected one named item_id");
    for (int i = 0; i < t->columns; i++)
        if (!can_name(t->name[i]))
            return records_fail(t, e, "column %d has a name that no text in a stream "
                                  "can have", i + 1);
    d->column = mem_new((size_t)t->columns, sizeof *d->column);
    for (int i = 0; i < t->columns; i++)
        if (i != *id)
            d->column[d->columns++].name = mem_string(t->name[i]);
    return choose_title(d, t, *id, title, e);
}

static int read_items(struct dataset *d, const char *path, struct dialect dialect,
                      const char *title, struct error *e)
{
    struct records t;
    int64_t record = 0, known = 0;
    int id = 0, got = records_open(&t, path, &delimited, &dialect, e);

    if (got == 0)
        got = begin_items(d, &t, &id, title, e);
    if (got == 0) {
        grow_records(d, &known);
        while ((got = records_next(&t, e)) > 0)
            if ((got = add_item(d, &t, id, &record, &known, e)) < 0)
                break;
    }
    d->has_items = true;
    records_close(&t);
    return got;
}

int dataset_read(struct dataset *d, const char *path, const struct dataset_choice *choice,
                 struct error *e)
{
    char *interactions, *items;
    const struct layout *l = layout_find(path, choice->format, &interactions, &items, e);
    int got = l ? 0 : -1;

    *d = (struct dataset){ .title = -1 };
    if (choice->items) {
        free(items);
        items = mem_string(choice->items);
    }
    if (got == 0)
        got = read_interactions(d, interactions, l->dialect, e);
    if (got == 0 && items)
        got = read_items(d, items, l->dialect, choice->title, e);
    else if (got == 0 && choice->title)
        got = fail(e, "%s: no item file beside it, but --title is given", interactions);
    free(interactions);
    free(items);
    return got;
}

void dataset_free(struct dataset *d)
{
    for (int i = 0; i < d->columns; i++) {
        free(d->column[i].name);
        texts_free(&d->column[i].texts);
    }
    free(d->column);
    free(d->record);
    free(d->user);
    free(d->item);
    free(d->time);
    free(d->fraction);
    free(d->rating);
    id_index_free(&d->users);
    id_index_free(&d->items);
    *d = (struct dataset){ 0 };
}
