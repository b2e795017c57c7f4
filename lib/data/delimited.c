#include "data/delimited.h"

#include "util/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is kept between records. */
struct cutter {
    char separator[4];
    size_t width;      /* of the separator */
    bool trim, hidden; /* hidden: the first field of each record has no name */
    bool held;         /* the record in field was read, but not given out */
    unsigned char *wide; /* a latin-1 record as UTF-8 */
    int64_t next_line;
    int fields, room;
    char **field;      /* (fields) of the record, all of them */
    size_t *length;
};

static int64_t count_lines(const unsigned char *p, const unsigned char *end)
{
    int64_t n = 0;

    while ((p = memchr(p, '\n', (size_t)(end - p)))) {
        n++;
        p++;
    }
    return n;
}

/* The byte behind the record that begins at w->begin, that of its line end; more is read
 * until it is there.  A quote opens at the beginning of a field.  0, or -1. */
static int find_end(struct records *r, size_t *end, struct error *e)
{
    struct cutter *c = r->own;
    struct text_window *w = &r->in;
    size_t at = 0; /* from begin */
    bool quoted = false, begins = true;

    for (;;) {
        const unsigned char *p = w->data + w->begin;
        size_t n = w->end - w->begin;

        if (!r->dialect.quotes) {
            const unsigned char *line = memchr(p + at, '\n', n - at);

            at = line ? (size_t)(line - p) : n;
        } else {
            for (; at < n && (quoted || p[at] != '\n'); at++) {
                if (p[at] == '"' && (quoted || begins)) {
                    begins = quoted; /* of two within quotes, the second opens again */
                    quoted = !quoted;
                } else if (!quoted) {
                    begins = p[at] == (unsigned char)c->separator[0] ||
                             (c->trim && begins && p[at] == ' ');
                }
            }
        }
        if (at < n || w->ended)
            break;
        if (text_window_more(w, e) < 0)
            return fail_in(e, "%s:%" PRId64, r->path, r->line);
    }
    *end = w->begin + at;
    return quoted ? records_fail(r, e, "a quote is opened and not closed") : 0;
}

/* Where the field that begins at p ends: at the separator or at end. */
static char *field_end(const struct cutter *c, char *p, char *end)
{
    if (c->width > 1) {
        p = memmem(p, (size_t)(end - p), c->separator, c->width);
        return p ? p : end;
    }
    while (p < end && *p != *c->separator)
        p++;
    return p;
}

/* "a ""b""" at p becomes a "b" in place; *length is what is left.  The place behind the
 * closing quote. */
static char *unquote(char *p, char *end, size_t *length)
{
    char *to = p, *from = p + 1;

    for (; from < end; *to++ = *from++)
        if (*from == '"' && (++from == end || *from != '"'))
            break;
    *length = (size_t)(to - p);
    return from;
}

static void push_field(struct cutter *c, char *p, size_t n)
{
    if (c->fields == c->room) {
        c->room = c->room ? 2 * c->room : 16;
        c->field = mem_resize(c->field, (size_t)c->room, sizeof *c->field);
        c->length = mem_resize(c->length, (size_t)c->room, sizeof *c->length);
    }
    if (c->trim) {
        for (; n > 0 && *p == ' '; p++)
            n--;
        while (n > 0 && p[n - 1] == ' ')
            n--;
    }
    c->field[c->fields] = p;
    c->length[c->fields++] = n;
}

/* Cuts the record p..end, in which there are quotes. */
static int cut_quoted(struct records *r, char *p, char *end, struct error *e)
{
    struct cutter *c = r->own;

    for (;; p += c->width) {
        size_t length;
        char *begin = p;

        while (c->trim && p < end && *p == ' ')
            p++;
        if (p < end && *p == '"') {
            begin = p;
            p = unquote(p, end, &length);
            while (c->trim && p < end && *p == ' ')
                p++;
            if (p < end && field_end(c, p, end) != p)
                return records_fail(r, e, "field %d goes on after its closing quote",
                                    c->fields + 1);
        } else {
            p = field_end(c, begin, end);
            length = (size_t)(p - begin);
        }
        push_field(c, begin, length);
        if (p == end)
            return 0;
    }
}

static void cut_plain(struct cutter *c, char *p, char *end)
{
    for (;;) {
        char *stop = field_end(c, p, end);

        push_field(c, p, (size_t)(stop - p));
        if (stop == end)
            return;
        p = stop + c->width;
    }
}

/* Latin-1 p (*n bytes) as UTF-8, each byte one or two. */
static unsigned char *widen(struct cutter *c, const unsigned char *p, size_t *n)
{
    size_t to = 0;

    c->wide = mem_resize(c->wide, 2 * *n + 1, 1);
    for (size_t i = 0; i < *n; i++)
        if (p[i] < 128) {
            c->wide[to++] = p[i];
        } else {
            c->wide[to++] = (unsigned char)(0xc0 | p[i] >> 6);
            c->wide[to++] = (unsigned char)(0x80 | (p[i] & 63));
        }
    *n = to;
    return c->wide;
}

static int check_text(const struct records *r, const unsigned char *p, size_t n,
                      struct error *e)
{
    size_t at;

    if (r->in.plain || text_window_valid(p, n, &at))
        return 0;
    return records_fail(r, e, "byte %zu (0x%02x) is not valid UTF-8 text", at + 1, p[at]);
}

/* Cuts one record into c->field: 1, 0 at the end, -1. */
static int take_record(struct records *r, struct error *e)
{
    struct cutter *c = r->own;
    struct text_window *w = &r->in;
    unsigned char *p;
    size_t end = 0, n;

    for (;;) {
        r->line = c->next_line;
        if (w->begin == w->end && text_window_more(w, e) <= 0)
            return w->ended ? 0 : fail_in(e, "%s:%" PRId64, r->path, r->line);
        if (find_end(r, &end, e) != 0)
            return -1;
        p = w->data + w->begin;
        n = end - w->begin;
        w->begin = end + (end < w->end);
        c->next_line++;
        if (n > 0 && p[n - 1] == '\r')
            n--;
        if (n > 0)
            break;
    }
    if (r->dialect.latin && !r->in.plain && !text_window_valid(p, n, &end) &&
        !memchr(p, 0, n))
        p = widen(c, p, &n);
    else if (check_text(r, p, n, e) != 0)
        return -1;
    c->fields = 0;
    if (!r->dialect.quotes || !memchr(p, '"', n)) {
        cut_plain(c, (char *)p, (char *)p + n);
    } else {
        c->next_line += count_lines(p, p + n);
        if (cut_quoted(r, (char *)p, (char *)p + n, e) != 0)
            return -1;
    }
    for (int i = 0; i < c->fields; i++)
        c->field[i][c->length[i]] = 0;
    return 1;
}

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

/* The dialect's separator, or whichever the first line has if it lacks that. */
static int guess_separator(struct records *r, struct error *e)
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

static int take_names(struct records *r, struct error *e)
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

/* Without a header: the first record is one, and its fields have numbers. */
static int take_numbers(struct records *r, struct error *e)
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

static int open_table(struct records *r, struct error *e)
{
    struct cutter *c = r->own = mem_new(1, sizeof *c);
    int got;

    c->next_line = r->line = 1;
    c->trim = r->dialect.trim;
    if (guess_separator(r, e) != 0)
        return -1;
    for (int i = 0; r->dialect.columns && r->dialect.columns[i]; i++)
        records_add_column(r, r->dialect.columns[i]);
    if (r->dialect.columns)
        return 0;
    got = take_record(r, e);
    if (got > 0 && r->dialect.bare)
        return take_numbers(r, e);
    return got > 0 ? take_names(r, e)
                   : got < 0 ? -1 : fail(e, "%s: the file is empty", r->path);
}

static int next_record(struct records *r, struct error *e)
{
    struct cutter *c = r->own;
    int got = c->held ? 1 : take_record(r, e);

    c->held = false;
    if (got <= 0)
        return got;
    if (c->fields - c->hidden != r->columns)
        return records_fail(r, e, "%d field%s, expected %d%s", c->fields,
                            c->fields == 1 ? "" : "s", r->columns + c->hidden,
                            r->dialect.columns ? ""
                            : r->dialect.bare  ? " as in the first line"
                                               : " as in the header");
    memcpy(r->field, c->field + c->hidden, (size_t)r->columns * sizeof *r->field);
    memcpy(r->length, c->length + c->hidden, (size_t)r->columns * sizeof *r->length);
    return 1;
}

static void close_table(struct records *r)
{
    struct cutter *c = r->own;

    if (c) {
        free(c->field);
        free(c->length);
        free(c->wide);
    }
    free(c);
    r->own = NULL;
}

const struct records_kind delimited = { open_table, next_record, close_table };
