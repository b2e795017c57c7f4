#include "data/new_items.h"

#include "data/dataset.h"
#include "data/delimited.h"
#include "stream/frame.h"
#include "text/string_index.h"
#include "util/mem.h"
#include "util/near.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool ends_with(const char *path, const char *end)
{
    size_t n = strlen(path), k = strlen(end);

    return n >= k && strcmp(path + n - k, end) == 0;
}

static struct dialect dialect_of(const char *path)
{
    if (ends_with(path, ".csv"))
        return (struct dialect){ .separator = ",", .quotes = true };
    return (struct dialect){ .separator = "\t", .typed = ends_with(path, ".item") };
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* The catalogue's column for the file's column of that name, or -1. */
static int column_named(const struct item_table *c, const char *name)
{
    for (int i = 0; i < c->columns; i++)
        if (strcmp(c->name[i], name) == 0)
            return i;
    if (is_one_of(name, dataset_item_names))
        return 0;
    for (int i = 1; i < c->columns; i++)
        if (strcmp(c->name[i], "title") == 0 && is_one_of(name, dataset_title_names))
            return i;
    return -1;
}

static int no_such_column(const struct records *t, const struct item_table *c, int k,
                          struct error *e)
{
    struct near near;

    near_begin(&near, t->name[k]);
    for (int i = 0; i < c->columns; i++)
        near_offer(&near, c->name[i]);
    records_fail(t, e, "column '%.60s': the input has no 'item.%.60s'", t->name[k],
                 t->name[k]);
    return near_end(e, &near);
}

/* from[i]: the file's column for the catalogue's i-th, or -1. */
static int match_columns(int *from, const struct records *t, const struct item_table *c,
                         struct error *e)
{
    for (int i = 0; i < c->columns; i++)
        from[i] = -1;
    for (int k = 0; k < t->columns; k++) {
        int i = column_named(c, t->name[k]);

        if (i < 0)
            return no_such_column(t, c, k, e);
        if (from[i] >= 0)
            return records_fail(t, e, "columns '%.60s' and '%.60s' are both item.%s",
                                  t->name[from[i]], t->name[k], c->name[i]);
        from[i] = k;
    }
    if (from[0] < 0)
        return records_fail(t, e, "no column of ids, expected one named id or item_id");
    return 0;
}

/* 1, 0 where the file has the item already, -1: the catalogue (its items) has it, or
 * the record is wrong. */
static int add_record(struct texts *texts, struct string_index *ids,
                      const struct records *t, const int *from,
                      const struct item_table *c, struct error *e)
{
    int64_t known = ids->texts.count;
    int32_t item;

    if (t->length[from[0]] == 0)
        return records_fail_empty(t, from[0], e);
    item = string_index_add(ids, t->field[from[0]], t->length[from[0]]);
    if (item < c->texts[0]->count)
        return records_fail(t, e, "item '%.60s' is there already", t->field[from[0]]);
    if (item < known)
        return 0;
    for (int i = 0; i < c->columns; i++) {
        size_t length = from[i] < 0 ? 0 : t->length[from[i]];

        if (length > STREAM_TEXT_MAX)
            return records_fail(t, e, "%s has %zu bytes, expected at most %d",
                                  t->name[from[i]], length, STREAM_TEXT_MAX);
        texts_add(&texts[i], from[i] < 0 ? "" : t->field[from[i]], length);
    }
    return 1;
}

static void copy_catalogue(struct texts *texts, struct string_index *ids,
                           const struct item_table *c)
{
    for (int i = 0; i < c->columns; i++)
        for (int64_t k = 0; k < c->texts[i]->count; k++)
            texts_add(&texts[i], texts_at(c->texts[i], k), texts_length(c->texts[i], k));
    for (int64_t k = 0; k < c->texts[0]->count; k++)
        string_index_add(ids, texts_at(c->texts[0], k), texts_length(c->texts[0], k));
}

int64_t new_items_read(struct texts *texts, const char *path, const struct item_table *c,
                       int64_t *twice, struct error *e)
{
    int *from = mem_new((size_t)c->columns, sizeof *from), got;
    struct string_index ids = { 0 };
    struct dialect dialect = dialect_of(path);
    struct records t;
    int64_t count = 0;

    *twice = 0;
    copy_catalogue(texts, &ids, c);
    got = records_open(&t, path, &delimited, &dialect, e);
    if (got == 0)
        got = match_columns(from, &t, c, e);
    if (got == 0)
        while ((got = records_next(&t, e)) > 0) {
            if ((got = add_record(texts, &ids, &t, from, c, e)) < 0)
                break;
            count += got;
            *twice += !got;
        }
    if (got == 0 && count == 0)
        got = fail(e, "%s: no items after the header", path);
    records_close(&t);
    string_index_free(&ids);
    free(from);
    return got < 0 ? -1 : count;
}
