#include "data/delimited.h"

#include "util/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

int delimited_fail(const struct delimited *d, struct error *e, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    return fail_in(e, "%s:%" PRId64, d->path, d->line);
}

static void put_byte(struct delimited *d, size_t *used, char c)
{
    if (*used == d->text_room) {
        d->text_room = d->text_room ? 2 * d->text_room : 256;
        d->text = mem_resize(d->text, d->text_room, 1);
    }
    d->text[(*used)++] = c;
}

static bool at_line_end(const struct delimited *d)
{
    const unsigned char *p = d->map.data + d->at;

    return d->at == d->map.size || *p == '\n' ||
           (*p == '\r' && (d->at + 1 == d->map.size || p[1] == '\n'));
}

/* After the opening quote: copies up to the closing one, which it passes. */
static int take_quoted(struct delimited *d, size_t *used, struct error *e)
{
    while (d->at < d->map.size) {
        char c = (char)d->map.data[d->at++];

        if (c == '"') {
            if (d->at == d->map.size || d->map.data[d->at] != '"')
                return 0;
            d->at++;
        }
        d->next_line += c == '\n';
        put_byte(d, used, c);
    }
    return delimited_fail(d, e, "a quote is opened and not closed");
}

static int take_field(struct delimited *d, size_t *used, struct error *e)
{
    if (d->dialect.quotes && !at_line_end(d) && d->map.data[d->at] == '"') {
        d->at++;
        if (take_quoted(d, used, e) != 0)
            return -1;
        if (!at_line_end(d) && d->map.data[d->at] != (unsigned char)d->dialect.separator)
            return delimited_fail(d, e, "field %d goes on after its closing quote",
                                  d->fields);
    }
    while (!at_line_end(d) && d->map.data[d->at] != (unsigned char)d->dialect.separator)
        put_byte(d, used, (char)d->map.data[d->at++]);
    put_byte(d, used, 0);
    return 0;
}

static int check_text(const struct delimited *d, const unsigned char *p, size_t n,
                      struct error *e)
{
    for (size_t i = 0; i < n;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t size = p[i] < 128 && p[i] > 0 ? 1
            : p[i] == 0 ? -1
                        : utf8proc_iterate(p + i, (utf8proc_ssize_t)(n - i), &c);

        if (size <= 0)
            return delimited_fail(d, e, "byte %zu (0x%02x) is not valid UTF-8 text",
                                  i + 1, p[i]);
        i += (size_t)size;
    }
    return 0;
}

static void pass_line_end(struct delimited *d)
{
    if (d->at < d->map.size && d->map.data[d->at] == '\r')
        d->at++;
    if (d->at < d->map.size)
        d->at++;
    d->next_line++;
}

/* Splits one record into d->text and d->offset. */
static int take_record(struct delimited *d, struct error *e)
{
    size_t used = 0, begin = d->at;

    d->line = d->next_line;
    d->fields = 0;
    for (;;) {
        MEM_PUSH(d->offset, d->fields, d->field_room, used);
        if (take_field(d, &used, e) != 0)
            return -1;
        if (at_line_end(d))
            break;
        d->at++;
    }
    MEM_PUSH(d->offset, d->fields, d->field_room, used);
    d->fields--;
    if (check_text(d, d->map.data + begin, d->at - begin, e) != 0)
        return -1;
    pass_line_end(d);
    return 0;
}

static int take_header(struct delimited *d, struct error *e)
{
    static const char mark[3] = "\xef\xbb\xbf"; /* byte order mark */

    if (d->map.size >= sizeof mark && memcmp(d->map.data, mark, sizeof mark) == 0)
        d->at = sizeof mark;
    if (take_record(d, e) != 0)
        return -1;
    d->columns = d->fields;
    d->name = mem_new((size_t)d->columns, sizeof *d->name);
    d->field = mem_new((size_t)d->columns, sizeof *d->field);
    d->length = mem_new((size_t)d->columns, sizeof *d->length);
    for (int i = 0; i < d->columns; i++) {
        char *colon;

        d->name[i] = mem_string(d->text + d->offset[i]);
        colon = strrchr(d->name[i], ':');
        if (d->dialect.typed && (!colon || colon == d->name[i]))
            return delimited_fail(d, e, "column %d is '%s', expected NAME:TYPE", i + 1,
                                  d->name[i]);
        if (d->dialect.typed)
            *colon = 0;
        if (!*d->name[i])
            return delimited_fail(d, e, "column %d has no name", i + 1);
        if (delimited_column(d, d->name[i]) < i)
            return delimited_fail(d, e, "two columns are named '%s'", d->name[i]);
    }
    return 0;
}

int delimited_open(struct delimited *d, const char *path, struct dialect dialect,
                   struct error *e)
{
    *d = (struct delimited){ .dialect = dialect, .next_line = 1, .line = 1 };
    d->path = mem_string(path);
    if (file_map(&d->map, path, e) != 0)
        return -1;
    if (d->map.size == 0)
        return fail(e, "%s: the file is empty", path);
    return take_header(d, e);
}

void delimited_close(struct delimited *d)
{
    for (int i = 0; i < d->columns; i++)
        free(d->name[i]);
    free(d->name);
    free(d->field);
    free(d->length);
    free(d->text);
    free(d->offset);
    free(d->path);
    file_unmap(&d->map);
    *d = (struct delimited){ 0 };
}

/* Only empty lines follow. */
static bool at_end(const struct delimited *d)
{
    for (size_t i = d->at; i < d->map.size; i++)
        if (d->map.data[i] != '\n' && d->map.data[i] != '\r')
            return false;
    return true;
}

int delimited_next(struct delimited *d, struct error *e)
{
    if (at_end(d))
        return 0;
    if (take_record(d, e) != 0)
        return -1;
    if (d->fields != d->columns)
        return delimited_fail(d, e, "%d field%s, expected %d as in the header", d->fields,
                              d->fields == 1 ? "" : "s", d->columns);
    for (int i = 0; i < d->columns; i++) {
        d->field[i] = d->text + d->offset[i];
        d->length[i] = d->offset[i + 1] - d->offset[i] - 1;
    }
    return 1;
}

int delimited_column(const struct delimited *d, const char *name)
{
    for (int i = 0; i < d->columns && d->name[i]; i++)
        if (strcmp(d->name[i], name) == 0)
            return i;
    return -1;
}

int delimited_column_of(const struct delimited *d, const char *const *names)
{
    for (; *names; names++)
        if (delimited_column(d, *names) >= 0)
            return delimited_column(d, *names);
    return -1;
}

static int not_a_number(const struct delimited *d, int column, struct error *e)
{
    return delimited_fail(d, e, "%s is '%.60s', expected a number", d->name[column],
                          d->field[column]);
}

int delimited_number(const struct delimited *d, int column, double *value,
                     struct error *e)
{
    const char *s = d->field[column];
    char *end;

    if (!*s || strspn(s, "0123456789+-.eE") != d->length[column])
        return not_a_number(d, column, e);
    *value = strtod(s, &end);
    if (*end || !isfinite(*value))
        return not_a_number(d, column, e);
    return 0;
}

int delimited_moment(const struct delimited *d, int column, struct moment *value,
                     struct error *e)
{
    if (moment_parse(value, d->field[column], d->length[column]) == 0)
        return 0;
    return delimited_fail(d, e, "%s is '%.60s', expected a time: a number of at most 64 "
                          "bits, or a date such as 2020-01-31 12:30:00",
                          d->name[column], d->field[column]);
}
