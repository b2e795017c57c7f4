/* What the numbers of a filter's input and output stand on (numbering.h): everything that
 * it keeps is checked, everything that it writes says so. */
#include "stream/filter_parts.h"

#include "stream/cut_rows.h"
#include "stream/reads.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

static bool is_kept(const struct patterns *p, const char *name)
{
    for (int i = 0; i < p->count; i++)
        if (strcmp(p->list[i], name) == 0)
            return true;
    return false;
}

void filter_numbering_begin(struct filter *f)
{
    unsigned on = 0;

    for (int i = 0; f->inputs && !f->apart && i < f->keep.count; i++)
        on |= numbering_of_pattern(f->keep.list[i], f->keep.texts[i]);
    if (on & ON_INTER && is_kept(&f->keep, "inter.split"))
        on |= ON_SPLIT; /* for what is made of it */
    if (on && !f->numbering)
        f->numbering = numbering_new(on, true);
    f->stands_on = on;
}

void filter_numbering_tell(const struct filter *f)
{
    const char *name;
    bool texts;

    for (int i = 0; (name = numbering_source(f->stands_on, i, &texts)); i++)
        if (!is_kept(&f->keep, name))
            reads_tell(texts ? "keep-texts" : "keep", name);
}

static void check_stored(struct filter *f, const struct stored *s)
{
    const struct numbered *of = numbering_of(s->name);
    const char *by = stored_attr(s, "by");
    struct error e;

    for (const struct attr *a = s->attrs; of->on && a && a->key; a++)
        if (numbering_is_key(a->key) &&
            numbering_check(f->numbering, a->key, a->value, &e) < 0)
            die("'%s' stands on %s: run %s again", s->name, e.text,
                strncmp(s->name, "score.", 6) == 0 && by ? by : of->maker);
}

void filter_numbering_check(struct filter *f)
{
    for (int i = 0; f->numbering && i < f->store.count; i++)
        check_stored(f, &f->store.items[i]);
}

void filter_number(struct filter *f, const char *name, int64_t row, int64_t rows,
                   const char *text)
{
    if (!f->numbering)
        f->numbering = numbering_new(~0u, false);
    numbering_row(f->numbering, name, row, rows, text, strlen(text));
}

void filter_numbers_apart(struct filter *f)
{
    f->apart = true;
}

int filter_standing(struct filter *f, const char *name, struct attr list[FILTER_STANDS])
{
    const struct stored *s = store_find(&f->store, name);
    int count = 0;

    for (const struct attr *a = s ? s->attrs : NULL; a && a->key; a++)
        if (count < FILTER_STANDS && numbering_is_key(a->key))
            list[count++] = *a;
    return count;
}

void filter_stands_on(struct filter *f, const char *name)
{
    const struct stored *s = store_find(&f->store, name);
    const char *whole = s ? stored_attr(s, CUT_WHOLE) : NULL;
    char value[NUMBERING_VALUE];

    if (!s || !f->numbering)
        return;
    if (s->texts.count == s->rows)
        numbering_use(f->numbering, name, numbering_of_texts(&s->texts, value));
    else if (whole)
        numbering_use(f->numbering, name, numbering_of_part(s->rows, whole, value));
}

/* The attributes that its maker gives and those of its numbering: free with free(). */
static struct attr *with_numbering(struct numbering *n, const struct series_out *s,
                                   int64_t rows)
{
    struct attr ours[NUMBERING_ATTRS], *list;
    int count = numbering_attrs(n, s->name, rows, ours), given = 0, at = 0;

    for (const struct attr *a = s->attrs; a && a->key; a++)
        given++;
    list = mem_new((size_t)(given + count) + 1, sizeof *list);
    for (int i = 0; i < given; i++)
        if (!numbering_is_key(s->attrs[i].key))
            list[at++] = s->attrs[i];
    for (int i = 0; i < count; i++)
        list[at++] = (struct attr){ ours[i].key, mem_string(ours[i].value) };
    return list;
}

struct series_out *filter_numbered(struct filter *f, const struct series_out *group,
                                   int count, int64_t rows)
{
    struct series_out *out = mem_new((size_t)count + 1, sizeof *out);

    memcpy(out, group, (size_t)count * sizeof *out);
    for (int i = 0; f->numbering && i < count; i++)
        if (numbering_of(group[i].name)->on)
            out[i].attrs = with_numbering(f->numbering, &group[i], rows);
    return out;
}

void filter_numbered_free(struct series_out *out, const struct series_out *group,
                          int count)
{
    for (int i = 0; i < count; i++) {
        const struct attr *a = out[i].attrs;

        for (; a != group[i].attrs && a && a->key; a++)
            if (numbering_is_key(a->key))
                free((char *)a->value);
        if (out[i].attrs != group[i].attrs)
            free((struct attr *)out[i].attrs);
    }
    free(out);
}
