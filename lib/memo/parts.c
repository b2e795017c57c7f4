#include "memo/parts.h"

#include "util/error.h"
#include "util/escape.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

void parts_begin(struct parts *p)
{
    *p = (struct parts){ 0 };
    p->out = open_memstream(&p->text, &p->size);
    if (!p->out)
        die("out of memory");
}

void parts_add(struct parts *p, const char *kind, const char *name, const char *value)
{
    fprintf(p->out, "%s\t", kind);
    escape_put(p->out, name, strlen(name));
    putc('\t', p->out);
    escape_put(p->out, value, strlen(value));
    putc('\n', p->out);
}

void parts_end(struct parts *p, char key[SUM_TEXT])
{
    if (fclose(p->out) != 0)
        die("out of memory");
    p->out = NULL;
    sum_of(p->text, p->size, key);
}

void parts_free(struct parts *p)
{
    if (p->out)
        fclose(p->out);
    free(p->text);
    *p = (struct parts){ 0 };
}

/* One line in its pieces; an own copy. */
struct line {
    char *kind, *name, *value;
    bool matched;
};

struct lines {
    struct line *list;
    int n, room;
};

static struct lines cut(const char *text)
{
    struct lines all = { 0 };

    while (*text) {
        size_t n = strcspn(text, "\n");
        char *copy = mem_format("%.*s", (int)n, text), *rest = copy;
        struct line l = { .kind = strsep(&rest, "\t") };

        l.name = rest ? strsep(&rest, "\t") : copy + n;
        l.value = rest ? rest : copy + n;
        MEM_PUSH(all.list, all.n, all.room, l);
        text += n + (text[n] == '\n');
    }
    return all;
}

static void lines_free(struct lines *l)
{
    for (int i = 0; i < l->n; i++)
        free(l->list[i].kind);
    free(l->list);
}

static bool same_label(const struct line *a, const struct line *b)
{
    return strcmp(a->kind, b->kind) == 0 && strcmp(a->name, b->name) == 0;
}

/* The first line of that label that has no partner yet, best one of the same value. */
static struct line *partner(struct lines *there, const struct line *l, bool same_value)
{
    for (int i = 0; i < there->n; i++)
        if (!there->list[i].matched && same_label(&there->list[i], l) &&
            (!same_value || strcmp(there->list[i].value, l->value) == 0))
            return &there->list[i];
    return NULL;
}

static void match(struct lines *here, struct lines *there)
{
    for (int i = 0; i < here->n; i++) {
        struct line *other = partner(there, &here->list[i], true);

        here->list[i].matched = other != NULL;
        if (other)
            other->matched = true;
    }
}

int parts_compare(const char *here, const char *there, parts_difference *each, void *data)
{
    struct lines a = cut(here), b = cut(there);
    int count = 0;

    match(&a, &b);
    for (int i = 0; i < a.n; i++) {
        const struct line *l = &a.list[i];
        struct line *other = l->matched ? NULL : partner(&b, l, false);

        if (l->matched)
            continue;
        count++;
        if (each)
            each(l->kind, l->name, l->value, other ? other->value : NULL, data);
        if (other)
            other->matched = true;
    }
    for (int i = 0; i < b.n; i++)
        if (!b.list[i].matched) {
            count++;
            if (each)
                each(b.list[i].kind, b.list[i].name, NULL, b.list[i].value, data);
        }
    lines_free(&a);
    lines_free(&b);
    return count;
}

static char *find(const char *text, const char *kind, const char *name, bool want_name)
{
    struct lines all = cut(text);
    char *found = NULL;

    for (int i = 0; i < all.n && !found; i++)
        if (strcmp(all.list[i].kind, kind) == 0 &&
            (!name || strcmp(all.list[i].name, name) == 0))
            found = mem_string(want_name ? all.list[i].name : all.list[i].value);
    lines_free(&all);
    return found;
}

char *parts_value(const char *text, const char *kind, const char *name)
{
    return find(text, kind, name, false);
}

char *parts_name(const char *text, const char *kind)
{
    return find(text, kind, NULL, true);
}
