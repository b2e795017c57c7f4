#include "data/records.h"

#include "util/mem.h"
#include "util/near.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int records_open(struct records *r, const char *path, const struct records_kind *kind,
                 const struct dialect *dialect, struct error *e)
{
    *r = (struct records){ .kind = kind, .dialect = *dialect, .path = mem_string(path) };
    if (kind->opens)
        return kind->open(r, e);
    if (text_window_open(&r->in, r->path, dialect->encoding, e) != 0)
        return -1;
    if (r->in.begin == r->in.end)
        return fail(e, "%s: the file is empty", path);
    return kind->open(r, e);
}

void records_close(struct records *r)
{
    if (r->kind)
        r->kind->close(r);
    for (int i = 0; i < r->columns; i++)
        free(r->name[i]);
    free(r->name);
    free(r->field);
    free(r->length);
    text_window_close(&r->in);
    free(r->path);
    *r = (struct records){ 0 };
}

int records_next(struct records *r, struct error *e)
{
    return r->kind->next(r, e);
}

void records_add_column(struct records *r, const char *name)
{
    size_t more = (size_t)r->columns + 1;

    r->name = mem_resize(r->name, more, sizeof *r->name);
    r->field = mem_resize(r->field, more, sizeof *r->field);
    r->length = mem_resize(r->length, more, sizeof *r->length);
    r->name[r->columns] = mem_string(name);
    r->field[r->columns] = "";
    r->length[r->columns++] = 0;
}

int records_fail(const struct records *r, struct error *e, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    return fail_in(e, "%s:%" PRId64, r->path, r->line);
}

int records_column(const struct records *r, const char *name)
{
    for (int i = 0; i < r->columns && r->name[i]; i++)
        if (strcmp(r->name[i], name) == 0)
            return i;
    return -1;
}

int records_fail_column(const struct records *r, struct error *e, const char *asked,
                        const char *option)
{
    char list[160] = "";
    struct near near;

    near_begin(&near, asked);
    for (int i = 0; i < r->columns && r->name[i]; i++) {
        near_offer(&near, r->name[i]);
        if (strlen(list) + strlen(r->name[i]) + sizeof "; it has " < sizeof list)
            strcat(strcat(list, *list ? ", " : "; it has "), r->name[i]);
    }
    records_fail(r, e, "no column '%.60s', which --%s asks for%s", asked, option, list);
    return near_end(e, &near);
}

int records_column_at(const struct records *r, const char *name)
{
    int column = records_column(r, name);
    char *end;
    long number = column < 0 && *name ? strtol(name, &end, 10) : 0;

    return number > 0 && !*end && number <= r->columns ? (int)number - 1 : column;
}

static bool is_joint(char c)
{
    return c == '_' || c == '-' || c == ' ' || c == '.';
}

/* "User ID", "USER_ID" and "userId" are alike. */
static bool alike(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (is_joint(*a))
            a++;
        while (is_joint(*b))
            b++;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (!*a)
            return true;
    }
}

bool records_named(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (alike(name, *names))
            return true;
    return false;
}

int records_column_of(const struct records *r, const char *const *names)
{
    for (const char *const *n = names; *n; n++)
        if (records_column(r, *n) >= 0)
            return records_column(r, *n);
    for (const char *const *n = names; *n; n++)
        for (int i = 0; i < r->columns; i++)
            if (alike(r->name[i], *n))
                return i;
    return -1;
}

int records_fail_empty(const struct records *r, int column, struct error *e)
{
    const struct records_key *k = r->dialect.keys;
    char keys[128] = "";

    while (k && k->name && strcmp(k->name, r->name[column]) != 0)
        k++;
    for (int i = 0; k && k->name && i < RECORDS_KEYS && k->from[i]; i++)
        snprintf(keys + strlen(keys), sizeof keys - strlen(keys), "%s%s",
                 i ? " or " : ": expected it under ", k->from[i]);
    return records_fail(r, e, "%s is empty%s", r->name[column], keys);
}

const char *records_shape(const struct records *r, int column)
{
    return r->kind->shape ? r->kind->shape(r, column) : NULL;
}

const char *records_object(const struct records *r, const char *const *names)
{
    return r->kind->object ? r->kind->object(r, names) : NULL;
}

/* JSON's [5] is not 5. */
static int check_single(const struct records *r, int column, const char *expected,
                        struct error *e)
{
    const char *shape = records_shape(r, column);

    return shape ? records_fail(r, e, "%s is %s, expected %s", r->name[column], shape,
                                expected)
                 : 0;
}

static int not_a_number(const struct records *r, int column, struct error *e)
{
    return records_fail(r, e, "%s is '%.60s', expected a number", r->name[column],
                        r->field[column]);
}

/* Digits, perhaps with a point, so few that they and the power of ten are exact in 53
 * bits: their quotient is then the nearest double, as strtod's. */
static bool short_number(const char *s, size_t n, double *value)
{
    static const double ten[] = { 1,   1e1, 1e2, 1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
    int64_t digits = 0;
    size_t point = n;

    if (n == 0 || n > 15 || s[0] == '.' || s[n - 1] == '.')
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s[i] >= '0' && s[i] <= '9')
            digits = 10 * digits + (s[i] - '0');
        else if (s[i] == '.' && point == n)
            point = i;
        else
            return false;
    }
    *value = (double)digits / ten[point == n ? 0 : n - point - 1];
    return true;
}

int records_number(const struct records *r, int column, double *value, struct error *e)
{
    const char *s = r->field[column];
    char *end;

    if (check_single(r, column, "one number", e) != 0)
        return -1;
    if (short_number(s, r->length[column], value))
        return 0;
    if (!*s || strspn(s, "0123456789+-.eE") != r->length[column])
        return not_a_number(r, column, e);
    *value = strtod(s, &end);
    if (*end || !isfinite(*value))
        return not_a_number(r, column, e);
    return 0;
}

int records_moment(const struct records *r, int column, struct moment *value,
                   struct error *e)
{
    if (check_single(r, column, "one time", e) != 0)
        return -1;
    if (moment_parse(value, r->field[column], r->length[column]) == 0)
        return 0;
    return records_fail(r, e, "%s is '%.60s', expected a time: a number of at most 64 "
                        "bits, or a date such as 2020-01-31 12:30:00",
                        r->name[column], r->field[column]);
}
