#include "text/slots.h"

#include "util/mem.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct slot {
    char *before; /* what separates it from the slot before */
    char *name;
    char open[8], close[8]; /* its own brackets, "" if none */
};

struct slots {
    struct slot *list;
    int n, room;
    char *after;
};

static const struct {
    const char *open, *close;
} brackets[] = {
    { "(", ")" },   { "[", "]" },   { "<", ">" },   { "\"", "\"" },
    { "'", "'" },   { "“", "”" },   { "«", "»" },   { "‘", "’" },
};

/* Literal text up to a slot or the end, as a new string; *at moves behind it.
 * NULL and the reason in e for a brace that stands alone. */
static char *read_literal(const char **at, struct error *e)
{
    const char *p = *at;
    char *text = mem_new(strlen(p) + 1, 1), *out = text;

    for (; *p; p++) {
        if ((p[0] == '{' || p[0] == '}') && p[1] == p[0])
            p++;
        else if (p[0] == '{')
            break;
        else if (p[0] == '}') {
            fail(e, "'}' without '{' at '%s' (a brace itself is written '}}')", p);
            free(text);
            return NULL;
        }
        *out++ = *p;
    }
    *at = p;
    return text;
}

/* What stands at p begins with '{' and is no slot. */
static void no_slot(const char *p, struct error *e)
{
    enum { SHOWN = 40 };
    size_t length = strcspn(p + 1, "{}") + 1;

    if (p[length] == '}')
        fail(e, "'%.*s}' is no slot: one is the name of a column, like {title}, or {*} "
                "for all (a brace itself is written '{{')", (int)length, p);
    else
        fail(e, "'%.*s' begins a slot without '}' (a brace itself is written '{{')",
             SHOWN, p);
}

/* The name of the slot at *at, which moves behind it; NULL and the reason in e. */
static char *read_name(const char **at, struct error *e)
{
    const char *start = *at + 1, *p = start;

    if (*p == '*')
        p++;
    else
        while (isalnum((unsigned char)*p) || (*p && strchr("_-.", *p)))
            p++;
    if (p == start || *p != '}') {
        no_slot(*at, e);
        return NULL;
    }
    *at = p + 1;
    return mem_format("%.*s", (int)(p - start), start);
}

/* Brackets that end what precedes slot i and begin what follows it become the
 * slot's own. */
static void take_brackets(struct slots *s, int i)
{
    char *before = s->list[i].before;
    char *after = i + 1 < s->n ? s->list[i + 1].before : s->after;

    for (size_t k = 0; k < sizeof brackets / sizeof *brackets; k++) {
        size_t open = strlen(brackets[k].open), close = strlen(brackets[k].close);
        size_t length = strlen(before);

        if (length < open || strcmp(before + length - open, brackets[k].open) != 0 ||
            strncmp(after, brackets[k].close, close) != 0)
            continue;
        strcpy(s->list[i].open, brackets[k].open);
        strcpy(s->list[i].close, brackets[k].close);
        before[length - open] = 0;
        memmove(after, after + close, strlen(after + close) + 1);
        return;
    }
}

struct slots *slots_parse(const char *template, struct error *e)
{
    struct slots *s = mem_new(1, sizeof *s);
    char *literal = read_literal(&template, e);

    while (literal && *template) {
        struct slot slot = { .before = literal, .name = read_name(&template, e) };

        MEM_PUSH(s->list, s->n, s->room, slot);
        literal = slot.name ? read_literal(&template, e) : NULL;
    }
    s->after = literal;
    if (literal && s->n == 0)
        fail(e, "there is no slot like {title} in it");
    if (!literal || s->n == 0) {
        slots_free(s);
        return NULL;
    }
    for (int i = 0; i < s->n; i++)
        take_brackets(s, i);
    return s;
}

void slots_free(struct slots *s)
{
    for (int i = 0; i < s->n; i++) {
        free(s->list[i].before);
        free(s->list[i].name);
    }
    free(s->list);
    free(s->after);
    free(s);
}

int slots_count(const struct slots *s)
{
    return s->n;
}

const char *slots_name(const struct slots *s, int i)
{
    return s->list[i].name;
}

char *slots_fill(const struct slots *s, const char *const *value)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    bool any = false;

    if (!f)
        die("out of memory");
    for (int i = 0; i < s->n; i++) {
        const struct slot *slot = &s->list[i];

        if (!value[i] || !*value[i])
            continue;
        fprintf(f, "%s%s%s%s", any ? slot->before : s->list[0].before, slot->open,
                value[i], slot->close);
        any = true;
    }
    if (any)
        fputs(s->after, f);
    if (fclose(f) != 0)
        die("out of memory");
    return text;
}
