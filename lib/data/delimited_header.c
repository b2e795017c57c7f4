/* What a table's first line says: its separator, and its columns. */
#include "data/delimited_parts.h"

#include <stdio.h>
#include <string.h>

static void set_separator(struct cutter *c, const char *separator)
{
    c->width = strlen(separator);
    memcpy(c->separator, separator, c->width + 1);
}

/* The first line's end, and how often it has a separator; outside of quotes. */
static int count_separator(const struct text_window *w, const char *separator)
{
    const char *p = (const char *)w->data + w->begin,
               *end = (const char *)w->data + w->end;
    size_t width = strlen(separator);
    bool quoted = false;
    int n = 0;

    for (; p < end && (quoted || *p != '\n'); p++) {
        quoted ^= *p == '"';
        if (!quoted && (size_t)(end - p) >= width && memcmp(p, separator, width) == 0)
            n++;
    }
    return n;
}

int delimited_guess(struct records *r, struct error *e)
{
    static const char *const others[] = { ",", "\t", ";", "::", "|" };
    struct cutter *c = r->own;
    size_t best = 0;
    int most = 0;

    while (r->dialect.guess && !r->in.ended &&
           !memchr(r->in.data + r->in.begin, '\n', r->in.end - r->in.begin))
        if (text_window_more(&r->in, e) < 0)
            return fail_in(e, "%s:1", r->path);
    set_separator(c, r->dialect.separator);
    if (!r->dialect.guess || count_separator(&r->in, r->dialect.separator) > 0)
        return 0;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        int n = count_separator(&r->in, others[i]);

        if (n > most) {
            most = n;
            best = i;
        }
    }
    if (most == 0)
        return 0;
    set_separator(c, others[best]);
    say("%s: the first line has no '%s': the separator is taken to be '%s'", r->path,
        *r->dialect.separator == '\t' ? "\\t" : r->dialect.separator,
        *others[best] == '\t' ? "\\t" : others[best]);
    return 0;
}

/* Do all names but the first begin with a space? */
static bool has_spaces(const struct cutter *c)
{
    for (int i = 1; i < c->fields; i++)
        if (c->field[i][0] != ' ')
            return false;
    return c->fields > 1;
}

int delimited_names(struct records *r, struct error *e)
{
    struct cutter *c = r->own;

    if (c->fields > RECORDS_COLUMNS_MAX)
        return records_fail(r, e, "%d columns, expected at most %d", c->fields,
                            RECORDS_COLUMNS_MAX);
    if (r->dialect.guess && !c->trim && has_spaces(c)) {
        c->trim = true;
        for (int i = 1; i < c->fields; i++)
            c->field[i] += strspn(c->field[i], " ");
    }
    c->hidden = r->dialect.guess && c->fields > 2 && !*c->field[0];
    if (c->hidden)
        say("%s: the first column has no name, as an index that pandas writes: passed "
            "over",
            r->path);
    for (int i = c->hidden; i < c->fields; i++) {
        char *colon = strrchr(c->field[i], ':');

        if (r->dialect.typed && (!colon || colon == c->field[i]))
            return records_fail(r, e, "column %d is '%s', expected NAME:TYPE", i + 1,
                                c->field[i]);
        if (r->dialect.typed)
            *colon = 0;
        if (!*c->field[i])
            return records_fail(r, e, "column %d has no name", i + 1);
        if (records_column(r, c->field[i]) >= 0)
            return records_fail(r, e, "two columns are named '%s'", c->field[i]);
        records_add_column(r, c->field[i]);
    }
    return 0;
}

int delimited_numbers(struct records *r, struct error *e)
{
    struct cutter *c = r->own;

    if (c->fields > RECORDS_COLUMNS_MAX)
        return records_fail(r, e, "%d columns, expected at most %d", c->fields,
                            RECORDS_COLUMNS_MAX);
    for (int i = 0; i < c->fields; i++) {
        char number[16];

        snprintf(number, sizeof number, "%d", i + 1);
        records_add_column(r, number);
    }
    c->held = true;
    return 0;
}
