#include "data/dataset_catalogue.h"

#include "data/dataset_columns.h"
#include "stream/frame.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

int dataset_check_field(const struct records *t, int column, bool id, struct error *e)
{
    const char *shape = id ? records_shape(t, column) : NULL;

    if (shape)
        return records_fail(t, e, "%s is %s, expected one text or number",
                            t->name[column], shape);
    if (id && t->length[column] == 0)
        return records_fail_empty(t, column, e);
    if (t->length[column] > STREAM_TEXT_MAX)
        return records_fail(t, e, "%s has %zu bytes, expected at most %d",
                              t->name[column], t->length[column], STREAM_TEXT_MAX);
    return 0;
}

/* Of the columns that d has by now. */
static int choose_title(struct dataset *d, const struct records *t, int id,
                        const char *title, struct error *e)
{
    int column = title ? records_column_at(t, title)
                       : records_column_of(t, dataset_title_names);

    if (title && column == id)
        return records_fail(t, e, "column '%s' holds the ids, but --title asks for it",
                            title);
    if (title && column < 0)
        return records_fail_column(t, e, title, "title");
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

/* Could a text in a stream be named item.NAME, also with a tail of ours? */
static bool can_name(const char *name)
{
    char *longest = mem_format("item.%s_column", name);
    bool valid = stream_name_valid(longest);

    free(longest);
    return valid;
}

/* A column that begins with this record; earlier ones have nothing there. */
static int add_column(struct dataset *d, const struct records *t, int column,
                      int64_t records, struct error *e)
{
    struct item_column *c;

    if (!can_name(t->name[column]))
        return records_fail(t, e,
                            "column %d has a name that no text in a stream can have",
                            column + 1);
    d->column = mem_resize(d->column, (size_t)d->columns + 1, sizeof *d->column);
    c = &d->column[d->columns++];
    *c = (struct item_column){ mem_string(t->name[column]), { 0 } };
    for (int64_t i = 0; i < records; i++)
        texts_add(&c->texts, "", 0);
    return 0;
}

/* A text that is too long is cut between characters, in a file whose texts nobody has
 * written as titles: JSON's descriptions. */
static int add_text(struct dataset *d, struct item_column *c, const struct records *t,
                    int column, bool title, struct error *e)
{
    size_t n = t->length[column];

    if (n > STREAM_TEXT_MAX && !title && t->dialect.separator == NULL) {
        for (n = STREAM_TEXT_MAX; ((unsigned char)t->field[column][n] & 0xc0) == 0x80;
             n--)
            ;
        d->cut++;
    } else if (dataset_check_field(t, column, false, e) != 0) {
        return -1;
    }
    texts_add(&c->texts, t->field[column], n);
    return 0;
}

/* The columns that have come since the last record that was taken: one of them may be
 * called more like a title than what was there. */
static int add_columns(struct dataset *d, const struct records *t, int id,
                       int64_t records, const char *title, struct error *e)
{
    if (d->columns + 1 == t->columns)
        return 0;
    for (int i = d->columns + 1; i < t->columns; i++)
        if (add_column(d, t, i, records, e) != 0)
            return -1;
    return choose_title(d, t, id, title, e);
}

/* An item's first record counts; items without interactions may stay away. */
static int add_item(struct dataset *d, const struct records *t, int id, int64_t *record,
                    int64_t *known, const struct dataset_choice *choice, struct error *e)
{
    int32_t item;

    if (dataset_check_field(t, id, true, e) != 0)
        return -1;
    item = choice->keep_items
               ? string_index_add(&d->items, t->field[id], t->length[id])
               : string_index_find(&d->items, t->field[id], t->length[id]);
    if (item < 0) {
        d->others++;
        return 0;
    }
    grow_records(d, known);
    if (d->record[item] >= 0) {
        d->twice++;
        return 0;
    }
    d->record[item] = *record;
    if (add_columns(d, t, id, *record, choice->title, e) != 0)
        return -1;
    for (int i = 0, c = 0; i < t->columns; i++)
        if (i != id) {
            if (add_text(d, &d->column[c], t, i, c == d->title, e) != 0)
                return -1;
            c++;
        }
    ++*record;
    return 0;
}

/* Is the title's column of JSON, which is there for having been asked for, empty? */
static int check_title(const struct dataset *d, const struct records *t,
                       const struct dataset_choice *choice, struct error *e)
{
    const struct texts *titles = &d->column[d->title].texts;

    if (!choice->title || t->dialect.separator || titles->count == 0)
        return 0;
    for (int64_t i = 0; i < titles->count; i++)
        if (texts_length(titles, i) > 0)
            return 0;
    return fail(e, "%s: no item has '%s', which --title asks for", t->path,
                choice->title);
}

static int begin_items(struct dataset *d, const struct records *t, int *id,
                       const struct dataset_choice *choice, struct error *e)
{
    *id = dataset_columns_item(t, choice, d->key);
    if (*id < 0)
        return records_fail(t, e, "no column of items, expected one named item_id");
    for (int i = 0; i < t->columns; i++)
        if (i != *id && add_column(d, t, i, 0, e) != 0)
            return -1;
    return choose_title(d, t, *id, choice->title, e);
}

/* Has any of the interactions' items (so many) a record? */
static int check_items(const struct dataset *d, const struct records *t, int id,
                       int64_t items, struct error *e)
{
    for (int64_t i = 0; i < items; i++)
        if (d->record[i] >= 0)
            return 0;
    return fail(e, "%s: its column %s has none of the %lld items in the interactions%s%s",
                t->path, t->name[id], (long long)items, d->key ? "' column " : "",
                d->key ? d->key : "");
}

int dataset_read_items(struct dataset *d, const char *path, const struct layout *l,
                       const struct dataset_choice *choice, struct error *e)
{
    struct dialect dialect = l->item;
    struct records_key *keys = dataset_columns_keys(dialect.keys, choice, true);
    struct records t;
    int64_t record = 0, known = 0, items = d->items.texts.count;
    int id = 0, got;

    if (choice->encoding)
        dialect.encoding = choice->encoding;
    dialect.keys = keys;
    got = records_open(&t, path, l->item_kind, &dialect, e);
    if (got == 0)
        got = begin_items(d, &t, &id, choice, e);
    if (got == 0) {
        grow_records(d, &known);
        while ((got = records_next(&t, e)) > 0)
            if ((got = add_item(d, &t, id, &record, &known, choice, e)) < 0)
                break;
    }
    if (got == 0)
        got = check_items(d, &t, id, items, e);
    if (got == 0)
        got = check_title(d, &t, choice, e);
    d->has_items = true;
    records_close(&t);
    dataset_columns_free_keys(keys);
    return got;
}
