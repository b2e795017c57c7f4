#include "cand/candidate_file.h"

#include "text/string_index.h"
#include "util/file.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* One user's line; its items are cells[first .. first + count). */
struct line {
    int32_t user;
    int64_t first;
    int count;
};

struct parse {
    struct string_index users, items;
    const struct history *h;
    enum split split;
    const char *path;
    int64_t number; /* of the line, from 1 */
    struct line *line;
    int lines, line_room;
    int32_t *cell;
    int64_t cells, cell_room;
    int64_t *seen_user; /* (users) the line of each, 0: none yet */
    int64_t *seen_item; /* (items) the line that last held each */
};

static void add_names(struct string_index *n, const struct texts *texts)
{
    for (int64_t i = 0; i < texts->count; i++)
        string_index_add(n, texts_at(texts, i), texts_length(texts, i));
}

static int take_user(struct parse *p, const char *s, size_t n, struct error *e)
{
    int32_t user = string_index_find_written(&p->users, s, n);

    if (user < 0 || user >= p->h->users)
        return fail(e, "no user has the id '%.*s'", n < 60 ? (int)n : 60, s);
    if (p->seen_user[user])
        return fail(e, "user '%.*s' is there a second time, after line %" PRId64, (int)n,
                    s, p->seen_user[user]);
    if (history_target(p->h, user, p->split) < 0)
        return fail(e, "user '%.*s' has no interaction in the %s split", (int)n, s,
                    p->split == SPLIT_TEST ? "test" : "validation");
    p->seen_user[user] = p->number;
    MEM_PUSH(p->line, p->lines, p->line_room, ((struct line){ user, p->cells, 0 }));
    return 0;
}

/* Is it one of the user's interactions other than the target? */
static bool is_other(const struct history *h, int user, int32_t item, int32_t target)
{
    if (item == target)
        return false;
    for (int64_t i = h->first[user]; i < h->first[user + 1]; i++)
        if (h->item[i] == item)
            return true;
    return false;
}

static int take_item(struct parse *p, const char *s, size_t n, struct error *e)
{
    struct line *l = &p->line[p->lines - 1];
    int32_t item = string_index_find_written(&p->items, s, n);
    int32_t target = p->h->item[history_target(p->h, l->user, p->split)];

    if (item < 0 || item >= p->h->items)
        return fail(e, "no item has the id '%.*s'", n < 60 ? (int)n : 60, s);
    if (p->seen_item[item] == p->number)
        return fail(e, "item '%.*s' is there twice", (int)n, s);
    if (is_other(p->h, l->user, item, target))
        return fail(e, "item '%.*s' is another interaction of the user", (int)n, s);
    p->seen_item[item] = p->number;
    MEM_PUSH(p->cell, p->cells, p->cell_room, item);
    l->count++;
    return 0;
}

static int take_line(struct parse *p, const char *s, size_t n, struct error *e)
{
    const char *end = s + n;
    int32_t user, target;

    for (bool first = true; s <= end; first = false) {
        const char *tab = memchr(s, '\t', (size_t)(end - s));
        size_t length = (size_t)((tab ? tab : end) - s);

        if ((first ? take_user : take_item)(p, s, length, e) != 0)
            return -1;
        s += length + 1;
    }
    user = p->line[p->lines - 1].user;
    target = p->h->item[history_target(p->h, user, p->split)];
    if (p->seen_item[target] != p->number)
        return fail(e, "the user's %s item '%s' is not among the candidates",
                    p->split == SPLIT_TEST ? "test" : "validation",
                    texts_at(&p->items.texts, target));
    return 0;
}

static int take_file(struct parse *p, const struct mapped *m, struct error *e)
{
    size_t bytes;
    const char *s = file_text(m, p->path, &bytes, e), *end;

    if (!s)
        return -1;
    end = s + bytes;
    while (s < end) {
        const char *newline = memchr(s, '\n', (size_t)(end - s));
        const char *stop = newline ? newline : end;
        size_t n = (size_t)(stop - s);

        p->number++;
        if (take_line(p, s, n > 0 && s[n - 1] == '\r' ? n - 1 : n, e) != 0)
            return fail_in(e, "%s:%" PRId64, p->path, p->number);
        s = stop + 1;
    }
    return p->lines ? 0 : fail(e, "%s: no candidates", p->path);
}

static int by_user(const void *a, const void *b)
{
    const struct line *x = a, *y = b;

    return (x->user > y->user) - (x->user < y->user);
}

/* Rows in the users' order, padded to the longest. */
static void arrange(struct candidate_file *c, struct parse *p)
{
    qsort(p->line, (size_t)p->lines, sizeof *p->line, by_user);
    c->rows = p->lines;
    for (int i = 0; i < p->lines; i++)
        if (p->line[i].count > c->columns)
            c->columns = p->line[i].count;
    c->user = mem_new((size_t)c->rows, sizeof *c->user);
    c->item = mem_new((size_t)c->rows * (size_t)c->columns, sizeof *c->item);
    for (int i = 0; i < p->lines; i++) {
        c->user[i] = p->line[i].user;
        for (int j = 0; j < c->columns; j++)
            c->item[(int64_t)i * c->columns + j] =
                j < p->line[i].count ? p->cell[p->line[i].first + j] : -1;
    }
}

int candidate_file_read(struct candidate_file *c, const char *path,
                        const struct texts *users, const struct texts *items,
                        const struct history *h, enum split split, struct error *e)
{
    struct parse p = { .h = h, .split = split, .path = path };
    struct mapped m;
    int got;

    *c = (struct candidate_file){ 0 };
    if (file_map_or_stdin(&m, path, e) != 0)
        return -1;
    add_names(&p.users, users);
    add_names(&p.items, items);
    p.seen_user = mem_new((size_t)h->users, sizeof *p.seen_user);
    p.seen_item = mem_new((size_t)h->items, sizeof *p.seen_item);
    if ((got = take_file(&p, &m, e)) == 0)
        arrange(c, &p);
    file_unmap(&m);
    string_index_free(&p.users);
    string_index_free(&p.items);
    free(p.line);
    free(p.cell);
    free(p.seen_user);
    free(p.seen_item);
    return got;
}

void candidate_file_free(struct candidate_file *c)
{
    free(c->user);
    free(c->item);
    *c = (struct candidate_file){ 0 };
}
