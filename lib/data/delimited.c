#include "data/delimited_parts.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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
        c->marked = 0; /* the window moves */
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

/* Looks on from w->begin; false where records are not cut along marks. */
static bool mark(struct records *r)
{
    struct cutter *c = r->own;
    const struct text_window *w = &r->in;

    c->marked = 0;
    if (c->width != 1 || c->trim || !w->plain)
        return false;
    c->base = w->begin;
    c->marked = marks_find(&c->marks, w->data + w->begin, w->end - w->begin,
                           *c->separator);
    c->marks.quotes &= r->dialect.quotes;
    c->next = 0;
    return true;
}

/* Cuts the record that begins at w->begin along marks and passes it by; false where its
 * end or a quote is not among them. */
static bool cut_along(struct records *r)
{
    struct cutter *c = r->own;
    struct text_window *w = &r->in;
    unsigned char *text = w->data + c->base, *field = w->data + w->begin, *end;
    size_t next = c->next;

    if (c->marked == 0 || c->marks.quotes)
        return false;
    for (c->fields = 0; next < c->marks.count; field = end + 1) {
        end = text + c->marks.at[next++];
        if (*end != '\n') {
            push_field(c, (char *)field, (size_t)(end - field));
            continue;
        }
        c->next = next;
        w->begin = (size_t)(end + 1 - w->data);
        push_field(c, (char *)field, (size_t)(end - field) - (end > field
                                                              && end[-1] == '\r'));
        return true;
    }
    return false;
}

/* Do the marks end within the record that begins at w->begin? */
static bool is_cut_off(const struct cutter *c, const struct text_window *w)
{
    return c->marked > 0 && !c->marks.quotes && c->base < w->begin;
}

/* The same by itself, wherever it ends and whatever is in it: 1, 0 where it is empty,
 * -1. */
static int cut_alone(struct records *r, struct error *e)
{
    struct cutter *c = r->own;
    struct text_window *w = &r->in;
    unsigned char *p;
    size_t end = 0, n;

    if (find_end(r, &end, e) != 0)
        return -1;
    p = w->data + w->begin;
    n = end - w->begin;
    w->begin = end + (end < w->end);
    if (n > 0 && p[n - 1] == '\r')
        n--;
    if (n == 0)
        return 0;
    if (r->dialect.latin && !r->in.plain && !text_window_valid(p, n, &end) &&
        !memchr(p, 0, n))
        p = widen(c, p, &n);
    else if (check_text(r, p, n, e) != 0)
        return -1;
    c->fields = 0;
    if (r->dialect.quotes && memchr(p, '"', n)) {
        c->next_line += count_lines(p, p + n);
        return cut_quoted(r, (char *)p, (char *)p + n, e) != 0 ? -1 : 1;
    }
    cut_plain(c, (char *)p, (char *)p + n);
    return 1;
}

/* Cuts one record that is not empty into c->field: 1, 0 at the end, -1. */
static int take_record(struct records *r, struct error *e)
{
    struct cutter *c = r->own;
    struct text_window *w = &r->in;
    int got = 0;

    while (got == 0) {
        r->line = c->next_line;
        if (w->begin == w->end) {
            c->marked = 0;
            if (text_window_more(w, e) <= 0)
                return w->ended ? 0 : fail_in(e, "%s:%" PRId64, r->path, r->line);
        }
        c->next_line++;
        if (c->marked == 0 || w->begin >= c->base + c->marked)
            mark(r);
        if (cut_along(r) || (is_cut_off(c, w) && mark(r) && cut_along(r)))
            got = c->fields > 1 || c->length[0] > 0;
        else
            got = cut_alone(r, e);
    }
    for (int i = 0; got > 0 && i < c->fields; i++)
        c->field[i][c->length[i]] = 0;
    return got;
}

/* Is the record that was cut a line of names, where the layout has its own? */
static bool is_names(const struct records *r)
{
    const struct cutter *c = r->own;

    for (int i = 0; i < c->fields; i++)
        if (!r->dialect.wants || !r->dialect.wants(c->field[i]))
            return false;
    return true;
}

/* Columns by the layout: the first record is held, unless it repeats their names. */
static int open_named(struct records *r, struct error *e)
{
    struct cutter *c = r->own;
    int got;

    for (int i = 0; r->dialect.columns[i]; i++)
        records_add_column(r, r->dialect.columns[i]);
    got = take_record(r, e);
    c->held = got > 0 && !is_names(r);
    if (got > 0 && !c->held)
        say("%s: the first line names the columns: passed over", r->path);
    return got < 0 ? -1 : 0;
}

static int open_table(struct records *r, struct error *e)
{
    struct cutter *c = r->own = mem_new(1, sizeof *c);
    int got;

    c->next_line = r->line = 1;
    c->trim = r->dialect.trim;
    if (delimited_guess(r, e) != 0)
        return -1;
    if (r->dialect.columns)
        return open_named(r, e);
    got = take_record(r, e);
    if (got > 0 && r->dialect.bare)
        return delimited_numbers(r, e);
    return got > 0 ? delimited_names(r, e)
                   : got < 0 ? -1 : fail(e, "%s: the file is empty", r->path);
}

/* The record's fields are the cutter's own. */
static void lend(struct records *r, struct cutter *c)
{
    if (!c->lent) {
        free(r->field);
        free(r->length);
        c->lent = true;
    }
    r->field = c->field + c->hidden;
    r->length = c->length + c->hidden;
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
    lend(r, c);
    return 1;
}

static void close_table(struct records *r)
{
    struct cutter *c = r->own;

    if (c) {
        if (c->lent) {
            r->field = NULL;
            r->length = NULL;
        }
        free(c->field);
        free(c->length);
        free(c->wide);
    }
    free(c);
    r->own = NULL;
}

const struct records_kind delimited = { open_table, next_record, close_table };
