#include "sbert/item_texts.h"

#include "history/trained_rows.h"
#include "util/mem.h"
#include "util/near.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ITEM "item."
#define COLUMNS_MAX 256

/* The columns of the items that are text, item.title first, without item.id. */
struct text_columns {
    const char *name[COLUMNS_MAX]; /* "title" */
    const struct texts *texts[COLUMNS_MAX];
    int n;
};

static void add_column(struct filter *f, struct text_columns *c, const char *name)
{
    if (c->n == COLUMNS_MAX)
        die("more than %d columns of text", COLUMNS_MAX);
    c->name[c->n] = name + strlen(ITEM);
    c->texts[c->n] = filter_texts(f, name, "data-import");
    if (c->texts[c->n]->count != c->texts[0]->count)
        die("'%s' has %" PRId64 " rows, but '" ITEM "%s' %" PRId64, name,
            c->texts[c->n]->count, c->name[0], c->texts[0]->count);
    c->n++;
}

static void find_columns(struct filter *f, struct text_columns *c)
{
    const char *name;

    c->n = 0;
    if (filter_has(f, ITEM "title"))
        add_column(f, c, ITEM "title");
    for (int i = 0; (name = filter_kept_name(f, i)); i++)
        if (filter_kept_is_text(f, i) && strcmp(name, ITEM "title") != 0 &&
            strcmp(name, ITEM "id") != 0)
            add_column(f, c, name);
    if (filter_has(f, ITEM "id"))
        add_column(f, c, ITEM "id"); /* last: only where a template names it */
}

/* The column that the i-th slot names; -1: every column; -2: there is none. */
static int column_of_slot(const struct text_columns *c, const struct slots *s, int i)
{
    if (strcmp(slots_name(s, i), "*") == 0)
        return -1;
    for (int k = 0; k < c->n; k++)
        if (strcmp(c->name[k], slots_name(s, i)) == 0)
            return k;
    return -2;
}

/* Every column's text but the id's, empty ones left out.  Free with free(). */
static char *join_row(const struct text_columns *c, int64_t row)
{
    char *all = mem_string(""), *longer;

    for (int k = 0; k < c->n; k++) {
        const char *text = texts_at(c->texts[k], row);

        if (!*text || strcmp(c->name[k], "id") == 0)
            continue;
        longer = mem_format("%s%s%s", all, *all ? ", " : "", text);
        free(all);
        all = longer;
    }
    return all;
}

static bool any_but_id(const struct text_columns *c)
{
    return c->n > 0 && strcmp(c->name[0], "id") != 0; /* which is last */
}

/* The vectors stand on these columns, -1: on every one but the id. */
static void use_columns(struct filter *f, const struct text_columns *c, const int *column,
                        int n)
{
    for (int k = 0; k < c->n; k++) {
        char *name = mem_format(ITEM "%s", c->name[k]);
        bool used = false;

        for (int i = 0; i < n; i++)
            used |= column[i] == k ||
                    (column[i] == -1 && strcmp(c->name[k], "id") != 0);
        if (used)
            filter_stands_on(f, name);
        free(name);
    }
}

/* Has the input any text of items? */
static bool any_seen(struct filter *f)
{
    const char *name;

    for (int i = 0; (name = filter_seen_text(f, i)); i++)
        if (strncmp(name, ITEM, strlen(ITEM)) == 0)
            return true;
    return false;
}

/* "the input lacks {titel}SO; it has {title} {class}: did you mean {title}?" into e.  The
 * slot may have been named as the text is, {item.title}. */
static void lacks(struct error *e, struct filter *f, const char *slot, const char *so)
{
    bool whole = strncmp(slot, ITEM, strlen(ITEM)) == 0;
    const char *name = whole ? slot + strlen(ITEM) : slot;
    char list[256] = "", word[NEAR_LETTERS + 2];
    struct near near;

    near_begin(&near, name);
    for (int i = 0; (name = filter_seen_text(f, i)); i++) {
        size_t used = strlen(list);

        if (strncmp(name, ITEM, strlen(ITEM)) != 0)
            continue;
        near_offer(&near, name + strlen(ITEM));
        if (used + strlen(name) < sizeof list)
            snprintf(list + used, sizeof list - used, " {%s}", name + strlen(ITEM));
    }
    fail(e, "the input lacks {%s}%s%s%s", slot, so, *list ? "; it has" : "", list);
    snprintf(word, sizeof word, "{%s}", near.found);
    if (*near.found)
        near_add(e, word);
}

/* column[i] of each slot; what the stream lacks is said, and at least one must be
 * there. */
static void match_slots(struct filter *f, const struct text_columns *c,
                        const struct slots *s, int *column)
{
    struct error e;
    int found = 0;

    for (int i = 0; i < slots_count(s); i++) {
        column[i] = column_of_slot(c, s, i);
        found += column[i] >= 0 || (column[i] == -1 && any_but_id(c));
    }
    if (found == 0 && (strcmp(slots_name(s, 0), "*") == 0 || !any_seen(f)))
        filter_texts(f, ITEM "title", "data-import"); /* dies: it is not there */
    for (int i = 0; i < slots_count(s); i++) {
        if (column[i] != -2)
            continue;
        lacks(&e, f, slots_name(s, i), found ? ", so texts are made without it" : "");
        if (found == 0)
            die("--template: %s", e.text);
        say("--template: %s", e.text);
    }
    use_columns(f, c, column, slots_count(s));
}

/* The rows of this run; all columns have them. */
static struct row_part part_of_columns(struct filter *f, const struct text_columns *c,
                                       int64_t block)
{
    struct row_part first = { 0 };

    for (int k = 0; k < c->n; k++) {
        char *name = mem_format(ITEM "%s", c->name[k]);
        struct row_part p = row_part_of(f, name, block);

        if (k > 0 && (p.first != first.first || p.all != first.all))
            die("'%s' begins at row %" PRId64 " of %" PRId64 ", '" ITEM "%s' at %" PRId64
                " of %" PRId64 ": cut them together", name, p.first, p.all, c->name[0],
                first.first, first.all);
        first = k == 0 ? p : first;
        free(name);
    }
    return first;
}

/* How many of all rows are of items that are not new. */
static int64_t known_of_columns(struct filter *f, const struct text_columns *c)
{
    char *name = mem_format(ITEM "%s", c->name[0]);
    int64_t known = trained_rows(f, name);

    free(name);
    return known;
}

struct texts item_texts_fill(struct filter *f, const struct slots *s, int64_t block,
                             struct row_part *part, int64_t *known)
{
    int n = slots_count(s), *column = mem_new((size_t)n, sizeof *column);
    const char **value = mem_new((size_t)n, sizeof *value);
    struct texts out = { 0 };
    struct text_columns c;

    find_columns(f, &c);
    match_slots(f, &c, s, column);
    *part = part_of_columns(f, &c, block);
    *known = known_of_columns(f, &c);
    for (int64_t row = part->at; row < part->at + part->count; row++) {
        char *joined = join_row(&c, row), *text;

        for (int i = 0; i < n; i++)
            value[i] = column[i] >= 0    ? texts_at(c.texts[column[i]], row)
                       : column[i] == -1 ? joined
                                         : NULL;
        text = slots_fill(s, value);
        texts_add(&out, text, strlen(text));
        free(text);
        free(joined);
    }
    free(value);
    free(column);
    return out;
}
