#include "stream/rechunk.h"

#include "stream/row_part.h"
#include "stream/store.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* Tensors and texts that share rows; pending holds rows not yet written. */
struct group {
    struct store pending;
    int64_t *next;        /* of each: the row that must come */
    int next_room;
    int64_t rows, opening; /* in all; in the first frame */
    int64_t written;
    bool open;             /* others may still join: all came with one frame */
};

struct rechunk {
    struct writer *out;
    struct group *groups;
    int count, room;
};

struct rechunk *rechunk_new(struct writer *out)
{
    struct rechunk *r = mem_new(1, sizeof *r);

    r->out = out;
    return r;
}

static void drop_rows(struct stored *s, int64_t n)
{
    struct texts rest = { 0 };

    if (s->is_text) {
        for (int64_t i = n; i < s->texts.count; i++)
            texts_add(&rest, texts_at(&s->texts, i), texts_length(&s->texts, i));
        texts_free(&s->texts);
        s->texts = rest;
    } else {
        size_t row = tensor_row_bytes(&s->tensor);

        s->tensor.shape[0] -= n;
        memmove(s->tensor.data, (char *)s->tensor.data + (size_t)n * row,
                (size_t)s->tensor.shape[0] * row);
    }
}

/* The attributes of the whole, which is of no part's run; free with free(). */
static struct attr *without_run(const struct attr *attrs)
{
    struct attr *list;
    int n = 0, at = 0;

    while (attrs[n].key)
        n++;
    list = mem_new((size_t)n + 1, sizeof *list);
    for (int i = 0; i < n; i++)
        if (strcmp(attrs[i].key, ROW_PART_RUN) != 0)
            list[at++] = attrs[i];
    return list;
}

/* Writes whole chunks of what is pending, or all of it. */
static void write_pending(struct rechunk *r, struct group *g, bool all)
{
    int count = g->pending.count;
    struct series_out *series = mem_new((size_t)count, sizeof *series);
    struct stored *items = g->pending.items;
    struct tensor *tensors = mem_new((size_t)count, sizeof *tensors);
    struct texts *texts = mem_new((size_t)count, sizeof *texts);
    int64_t n = INT64_MAX;

    for (int i = 0; i < count; i++) {
        tensors[i] = items[i].tensor;
        texts[i] = items[i].texts;
        series[i] = (struct series_out){ items[i].name, &tensors[i],
                                         items[i].is_text ? &texts[i] : NULL,
                                         without_run(items[i].attrs) };
        n = stored_rows(&items[i]) < n ? stored_rows(&items[i]) : n;
    }
    if (!all)
        n -= n % writer_part_rows(series, count);
    for (int i = 0; i < count; i++)
        tensors[i].shape[0] = texts[i].count = n;
    if (n > 0 || (all && g->rows == 0)) {
        writer_part(r->out, series, count, g->written, g->rows);
        for (int i = 0; i < count; i++)
            drop_rows(&items[i], n);
        g->written += n;
    }
    for (int i = 0; i < count; i++)
        free((struct attr *)series[i].attrs);
    free(series);
    free(tensors);
    free(texts);
}

/* No row is missing; or the reason. */
static int check_whole(const struct group *g, struct error *e)
{
    for (int i = 0; i < g->pending.count; i++)
        if (g->next[i] < g->rows)
            return fail(e, "'%s' has %lld of %lld rows", g->pending.items[i].name,
                        (long long)g->next[i], (long long)g->rows);
    return 0;
}

static bool complete(const struct group *g)
{
    struct error e;

    return check_whole(g, &e) == 0;
}

/* Nobody joins any more: chunks can be written. */
static void seal(struct rechunk *r, struct group *g)
{
    g->open = false;
    write_pending(r, g, complete(g));
}

void rechunk_flush(struct rechunk *r)
{
    if (r->count > 0 && r->groups[r->count - 1].open)
        seal(r, &r->groups[r->count - 1]);
}

static void forget(struct rechunk *r, int i)
{
    store_free(&r->groups[i].pending);
    free(r->groups[i].next);
    memmove(&r->groups[i], &r->groups[i + 1],
            (size_t)(--r->count - i) * sizeof *r->groups);
}

/* The group and place in it of a name, or -1. */
static int find(const struct rechunk *r, const char *name, int *place)
{
    for (int i = 0; i < r->count; i++) {
        const struct store *s = &r->groups[i].pending;

        for (*place = 0; *place < s->count; ++*place)
            if (strcmp(s->items[*place].name, name) == 0)
                return i;
    }
    return -1;
}

/* cand.test.user and cand.test.item share their rows, score.valid.cf and score.test.cf
 * do not, even where there are as many. */
static bool same_family(const char *a, const char *b)
{
    const char *dot = strrchr(a, '.');
    size_t n = dot ? (size_t)(dot - a) + 1 : 0;

    return strncmp(a, b, n) == 0 && !strchr(b + n, '.');
}

/* The group for a name that begins: the last one if it is like it, or a new one. */
static struct group *join(struct rechunk *r, const struct frame *f)
{
    struct group *last = r->count ? &r->groups[r->count - 1] : NULL;
    struct group fresh = { .rows = f->rows, .opening = frame_chunk_rows(f),
                           .open = true };

    if (!last || !last->open || last->rows != f->rows ||
        last->opening != frame_chunk_rows(f) ||
        !same_family(last->pending.items[0].name, f->name)) {
        rechunk_flush(r);
        MEM_PUSH(r->groups, r->count, r->room, fresh);
        last = &r->groups[r->count - 1];
    }
    if (last->pending.count == last->next_room) {
        last->next_room = last->next_room ? 2 * last->next_room : 8;
        last->next = mem_resize(last->next, (size_t)last->next_room, sizeof *last->next);
    }
    last->next[last->pending.count] = 0;
    return last;
}

/* Parts of one run carry the same attributes. */
static bool same_attrs(const struct attr *a, const struct frame *f)
{
    int n = 0;

    for (; n < f->attr_count && a[n].key; n++)
        if (strcmp(a[n].key, f->attrs[n].key) != 0 ||
            strcmp(a[n].value, f->attrs[n].value) != 0)
            return false;
    return n == f->attr_count && !a[n].key;
}

int rechunk_add(struct rechunk *r, const struct frame *f, struct error *e)
{
    int place, i = find(r, f->name, &place);
    struct group *g = i >= 0 ? &r->groups[i] : NULL;

    if (f->first == 0) {
        if (g && g->open)
            seal(r, g);
        if (g && check_whole(g, e) < 0)
            return fail_in(e, "'%s' starts anew", f->name);
        if (g)
            forget(r, i);
        g = join(r, f);
        place = g->pending.count;
    }
    if (!g || f->first != g->next[place] || f->rows != g->rows)
        return fail(e, "'%s' has rows from %lld of %lld, expected row %lld", f->name,
                    (long long)f->first, (long long)f->rows,
                    (long long)(g ? g->next[place] : 0));
    if (f->first > 0 && !same_attrs(g->pending.items[place].attrs, f))
        return fail(e, "'%s' has other attributes from row %lld on: parts of different "
                    "runs, by their options or what they have read", f->name,
                    (long long)f->first);
    if (store_add(&g->pending, f, e) < 0)
        return -1;
    g->next[place] += frame_chunk_rows(f);
    if (f->first > 0 && g->open)
        seal(r, g);
    else if (!g->open)
        write_pending(r, g, complete(g));
    return 0;
}

int rechunk_finish(struct rechunk *r, struct error *e)
{
    int bad = 0;

    for (int i = 0; i < r->count && !bad; i++) {
        if (r->groups[i].open)
            seal(r, &r->groups[i]);
        bad = check_whole(&r->groups[i], e);
    }
    while (r->count > 0)
        forget(r, r->count - 1);
    free(r->groups);
    free(r);
    return bad;
}
