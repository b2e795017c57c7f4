#include "stream/store.h"

#include "stream/reader.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

static void free_attrs(struct attr *attrs)
{
    for (struct attr *a = attrs; a && a->key; a++) {
        free((char *)a->key);
        free((char *)a->value);
    }
    free(attrs);
}

static struct attr *copy_attrs(const struct frame *f)
{
    struct attr *list = mem_new((size_t)f->attr_count + 1, sizeof *list);

    for (int i = 0; i < f->attr_count; i++)
        list[i] = (struct attr){ mem_string(f->attrs[i].key),
                                 mem_string(f->attrs[i].value) };
    return list;
}

static void clear(struct stored *s)
{
    tensor_free(&s->tensor);
    texts_free(&s->texts);
    free_attrs(s->attrs);
    s->attrs = NULL;
}

static struct stored *find(const struct store *s, const char *name)
{
    for (int i = 0; i < s->count; i++)
        if (strcmp(s->items[i].name, name) == 0)
            return &s->items[i];
    return NULL;
}

/* Memory grows with what has arrived, not with what a header promises. */
static void grow(struct stored *s, int64_t rows)
{
    struct tensor *t = &s->tensor;
    size_t row = tensor_row_bytes(t);

    t->data = mem_resize(t->data, (size_t)rows, row ? row : 1);
}

static void start(struct stored *s, const struct frame *f)
{
    clear(s);
    s->is_text = f->kind == FRAME_TEXT;
    s->rows = f->rows;
    s->first = s->next = f->first;
    s->attrs = copy_attrs(f);
    s->tensor = f->tensor;
    s->tensor.data = NULL;
    s->tensor.shape[0] = 0;
}

static bool same_row(const struct tensor *a, const struct tensor *b)
{
    return a->type == b->type && a->dims == b->dims &&
           memcmp(a->shape + 1, b->shape + 1,
                  (size_t)(a->dims - 1) * sizeof *a->shape) == 0;
}

int store_add(struct store *s, const struct frame *f, struct error *e)
{
    struct stored *to = find(s, f->name);
    int64_t have, n = frame_chunk_rows(f);

    if (!to) {
        MEM_PUSH(s->items, s->count, s->room,
                 (struct stored){ .name = mem_string(f->name) });
        to = &s->items[s->count - 1];
        start(to, f);
    } else if (f->first == 0 || (s->fragments && f->first != to->next)) {
        start(to, f);
    }
    to->of_fragment = s->fragments;
    if (f->first != to->next)
        return fail(e, "'%s' has rows from %lld, expected row %lld", f->name,
                    (long long)f->first, (long long)to->next);
    to->next += n;
    if (f->kind == FRAME_TEXT) {
        for (int64_t i = 0; i < n; i++)
            texts_add(&to->texts, f->rows_of_text[i].via.str.ptr,
                      f->rows_of_text[i].via.str.size);
        return 0;
    }
    if (!same_row(&to->tensor, &f->tensor))
        return fail(e, "'%s' changes its shape at row %lld", f->name,
                    (long long)f->first);
    have = to->tensor.shape[0];
    grow(to, have + n);
    memcpy((char *)to->tensor.data + (size_t)have * tensor_row_bytes(&to->tensor),
           f->tensor.data, tensor_bytes(&f->tensor));
    to->tensor.shape[0] = have + n;
    return 0;
}

int store_read(struct store *s, const char *path, bool wanted(const char *name),
               struct error *e)
{
    struct reader *r = reader_open(path, e);
    const struct frame *f;
    int got, result = 0;

    if (!r)
        return -1;
    while (result == 0 && (got = reader_next(r, &f)) != 0)
        if (got < 0)
            result = fail(e, "%s", reader_error(r));
        else if ((f->kind == FRAME_TENSOR || f->kind == FRAME_TEXT) &&
                 wanted(f->name) && store_add(s, f, e) < 0)
            result = fail_in(e, "%s", path);
    reader_close(r);
    return result;
}

const struct stored *store_find(const struct store *s, const char *name)
{
    return find(s, name);
}

int64_t stored_rows(const struct stored *s)
{
    return s->is_text ? s->texts.count : s->tensor.shape[0];
}

const char *stored_attr(const struct stored *s, const char *key)
{
    for (const struct attr *a = s->attrs; a && a->key; a++)
        if (strcmp(a->key, key) == 0)
            return a->value;
    return NULL;
}

void store_free(struct store *s)
{
    for (int i = 0; i < s->count; i++) {
        clear(&s->items[i]);
        free(s->items[i].name);
    }
    free(s->items);
    *s = (struct store){ 0 };
}
