#include "data/json_lines.h"

#include "util/mem.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct lines {
    int64_t next_line;
    json_t *object; /* of the last record; first: not given out yet */
    bool first;
    char *text;     /* the record's fields that are no single text, one after the other */
    size_t used, room;
    size_t *offset; /* (columns) where such a field begins, or SIZE_MAX */
    int offsets;
    const struct records_key **key; /* (keys) the dialect's, whose columns come first */
    int keys;
};

static void put(struct lines *l, const char *s, size_t n)
{
    if (l->used + n + 1 > l->room) {
        l->room = 2 * (l->used + n + 1);
        l->text = mem_resize(l->text, l->room, 1);
    }
    memcpy(l->text + l->used, s, n);
    l->used += n;
}

/* The shortest digits that give the number back. */
static void put_real(struct lines *l, double x)
{
    char digits[32];

    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, x);
        if (strtod(digits, NULL) == x)
            break;
    }
    put(l, digits, strlen(digits));
}

static bool is_text(const json_t *v)
{
    if (!json_is_array(v))
        return !json_is_object(v);
    for (size_t i = 0; i < json_array_size(v); i++)
        if (!is_text(json_array_get(v, i)))
            return false;
    return true;
}

static void put_value(struct lines *l, const json_t *v)
{
    char digits[32];

    if (json_is_string(v)) {
        put(l, json_string_value(v), json_string_length(v));
    } else if (json_is_integer(v)) {
        snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
        put(l, digits, strlen(digits));
    } else if (json_is_real(v)) {
        put_real(l, json_real_value(v));
    } else if (json_is_boolean(v)) {
        put(l, json_is_true(v) ? "true" : "false", json_is_true(v) ? 4 : 5);
    }
    for (size_t i = 0; json_is_array(v) && i < json_array_size(v); i++) {
        const json_t *part = json_array_get(v, i);
        size_t before = l->used;

        if (i > 0)
            put(l, ", ", 2);
        put_value(l, part);
        if (i > 0 && l->used == before + 2) /* an empty part */
            l->used = before;
    }
}

/* The value under a key, which may be a way of keys with dots between; NULL: none. */
static const json_t *value_of(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    const char *dot = strchr(key, '.');
    char *head;

    if (v || !dot)
        return v;
    head = mem_format("%.*s", (int)(dot - key), key);
    v = json_object_get(object, head);
    free(head);
    return v ? value_of(v, dot + 1) : NULL;
}

/* The value of the dialect's column: under the first of its keys that is there. */
static const json_t *wanted_value(const json_t *object, const struct records_key *key)
{
    const json_t *v = NULL;

    for (int i = 0; i < RECORDS_KEYS && key->from[i] && !v; i++) {
        v = value_of(object, key->from[i]);
        if (json_is_null(v))
            v = NULL;
    }
    return v;
}

/* Where the quoted text at p ends, or end. */
static const char *behind_text(const char *p, const char *end)
{
    char quote = *p++;

    while (p < end && *p != quote)
        p += *p == '\\' && p + 1 < end ? 2 : 1;
    return p < end ? p + 1 : end;
}

static bool is_quote(char c)
{
    return c == '\'' || c == '"';
}

static const char *behind_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    return p;
}

/* What Python prints of a dictionary begins with a text in quotes, and has a text between
 * single quotes or, of Python 2, a u before the quotes: outside of texts JSON has
 * neither. */
static bool is_python(const char *p, size_t n)
{
    const char *end = p + n;

    p = behind_blanks(p, end);
    if (p == end || *p != '{')
        return false;
    p = behind_blanks(p + 1, end);
    if (end - p < 2 || !(is_quote(*p) || (*p == 'u' && is_quote(p[1]))))
        return false;
    while (p < end)
        if (*p == '\'' || (*p == 'u' && p + 1 < end && is_quote(p[1])))
            return true;
        else
            p = *p == '"' ? behind_text(p, end) : p + 1;
    return false;
}

static int parse(struct records *r, const char *p, size_t n, struct error *e)
{
    struct lines *l = r->own;
    json_error_t error;

    json_decref(l->object);
    l->object = NULL;
    l->object = json_loadb(p, n, JSON_REJECT_DUPLICATES, &error);
    if (!l->object && is_python(p, n))
        return records_fail(r, e,
                            "is a Python dictionary, not JSON (as Amazon's metadata of "
                            "2014 and Steam's files): data-import(1) says how to "
                            "rewrite it");
    if (!l->object)
        return records_fail(r, e, "is no JSON: %.200s", error.text);
    return json_is_object(l->object)
               ? 0 : records_fail(r, e, "expected an object, {...}, in each line");
}

/* The next object: 1, 0 at the end, -1.  Blank lines are passed over. */
static int take_object(struct records *r, struct error *e)
{
    struct lines *l = r->own;
    struct text_window *w = &r->in;

    for (;;) {
        size_t at = 0, n;
        const unsigned char *p, *line = NULL;

        r->line = l->next_line;
        for (;;) {
            p = w->data + w->begin;
            n = w->end - w->begin;
            line = n > at ? memchr(p + at, '\n', n - at) : NULL;
            if (line || w->ended)
                break;
            at = n;
            if (text_window_more(w, e) < 0)
                return fail_in(e, "%s:%" PRId64, r->path, r->line);
        }
        if (n == 0)
            return 0;
        n = line ? (size_t)(line - p) : n;
        w->begin += n + (line != NULL);
        l->next_line++;
        while (n > 0 && (p[n - 1] == '\r' || p[n - 1] == ' '))
            n--;
        if (n > 0)
            return parse(r, (const char *)p, n, e) == 0 ? 1 : -1;
    }
}

/* Columns for the keys of the object that have none, can have one, and are wanted. */
static int add_columns(struct records *r, json_t *object, struct error *e)
{
    const char *key;
    json_t *v;

    json_object_foreach(object, key, v) {
        if (json_is_null(v) || !is_text(v) || !*key || records_column(r, key) >= 0 ||
            (r->dialect.wants && !r->dialect.wants(key)))
            continue;
        if (r->columns == RECORDS_COLUMNS_MAX)
            return records_fail(r, e, "more than %d different keys", RECORDS_COLUMNS_MAX);
        records_add_column(r, key);
    }
    return 0;
}

static void add_keys(struct records *r)
{
    struct lines *l = r->own;

    for (const struct records_key *k = r->dialect.keys; k && k->name; k++)
        if (records_column(r, k->name) < 0 &&
            !(k->perhaps && !wanted_value(l->object, k))) {
            l->key = mem_resize(l->key, (size_t)l->keys + 1, sizeof *l->key);
            l->key[l->keys++] = k;
            records_add_column(r, k->name);
        }
}

static int open_lines(struct records *r, struct error *e)
{
    struct lines *l = r->own = mem_new(1, sizeof *l);
    int got;

    l->next_line = 1;
    got = take_object(r, e);
    if (got <= 0)
        return got < 0 ? -1 : fail(e, "%s: the file is empty", r->path);
    l->first = true;
    add_keys(r);
    return r->dialect.no_more ? 0 : add_columns(r, l->object, e);
}

/* Fills column c with the value; single texts are borrowed from the object. */
static void set_field(struct records *r, int c, const json_t *v)
{
    struct lines *l = r->own;

    l->offset[c] = SIZE_MAX;
    r->field[c] = "";
    r->length[c] = 0;
    if (!v || !is_text(v))
        return;
    if (json_is_string(v) && !r->dialect.entities) {
        r->field[c] = (char *)json_string_value(v);
        r->length[c] = json_string_length(v);
        return;
    }
    l->offset[c] = l->used;
    put_value(l, v);
    r->length[c] = l->used - l->offset[c];
    put(l, "", 1);
}

static const json_t *value_at(const struct records *r, int column)
{
    const struct lines *l = r->own;

    return column < l->keys ? wanted_value(l->object, l->key[column])
                            : json_object_get(l->object, r->name[column]);
}

static const char *shape_of(const struct records *r, int column)
{
    const json_t *v = value_at(r, column);

    return json_is_array(v) ? "a list" : json_is_object(v) ? "an object" : NULL;
}

static const char *object_named(const struct records *r, const char *const *names)
{
    struct lines *l = r->own;
    const char *key;
    json_t *v;

    json_object_foreach(l->object, key, v)
        if (json_is_object(v) && records_named(key, names))
            return key;
    return NULL;
}

static void set_fields(struct records *r)
{
    struct lines *l = r->own;

    if (l->offsets < r->columns) {
        l->offsets = r->columns;
        l->offset = mem_resize(l->offset, (size_t)r->columns, sizeof *l->offset);
    }
    l->used = 0;
    for (int c = 0; c < r->columns; c++)
        set_field(r, c, value_at(r, c));
    for (int c = 0; c < r->columns; c++)
        if (l->offset[c] != SIZE_MAX) {
            r->field[c] = l->text + l->offset[c];
            if (r->dialect.entities)
                r->length[c] = json_lines_decode_entities(r->field[c], r->length[c]);
        }
}

static int next_line(struct records *r, struct error *e)
{
    struct lines *l = r->own;

    if (!l->first) {
        int got = take_object(r, e);

        if (got <= 0)
            return got;
        if (!r->dialect.no_more && add_columns(r, l->object, e) != 0)
            return -1;
    }
    l->first = false;
    set_fields(r);
    return 1;
}

static void close_lines(struct records *r)
{
    struct lines *l = r->own;

    if (l) {
        json_decref(l->object);
        free(l->text);
        free(l->offset);
        free(l->key);
    }
    free(l);
    r->own = NULL;
}

const struct records_kind json_lines = { open_lines, next_line, close_lines, shape_of,
                                        object_named };
