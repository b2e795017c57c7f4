#include "memo/inputs.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

struct input {
    char *name, *form; /* "<f4 [1682, 50] weights=..." */
    struct sum *sum;
};

struct inputs {
    struct input *list;
    int n, room;
};

struct inputs *inputs_new(void)
{
    return mem_new(1, sizeof(struct inputs));
}

/* Type, shape of the whole and attributes, in words. */
static char *form_of(const struct frame *f)
{
    struct tensor whole = f->tensor;
    char shape[128], *form, *longer;

    whole.shape[0] = f->rows;
    form = f->kind == FRAME_TEXT
               ? mem_format("text [%lld]", (long long)f->rows)
               : mem_format("%s %s", dtype_name(f->tensor.type),
                            tensor_shape_text(&whole, shape, sizeof shape));
    for (int i = 0; i < f->attr_count; i++) {
        longer = mem_format("%s %s=%s", form, f->attrs[i].key, f->attrs[i].value);
        free(form);
        form = longer;
    }
    return form;
}

static struct input *find(struct inputs *s, const char *name)
{
    for (int i = 0; i < s->n; i++)
        if (strcmp(s->list[i].name, name) == 0)
            return &s->list[i];
    MEM_PUSH(s->list, s->n, s->room,
             ((struct input){ mem_string(name), NULL, sum_new() }));
    return &s->list[s->n - 1];
}

/* The length goes before the bytes, so that rows cannot be cut otherwise. */
static void add_texts(struct input *in, const struct frame *f)
{
    for (int64_t i = 0; i < frame_chunk_rows(f); i++) {
        uint32_t n = f->rows_of_text[i].via.str.size;

        sum_add(in->sum, &n, sizeof n);
        sum_add(in->sum, f->rows_of_text[i].via.str.ptr, n);
    }
}

/* form_of is for the eye: "a=1 b=2" may be one attribute or two. */
static void add_attrs(struct input *in, const struct frame *f)
{
    sum_add(in->sum, &f->attr_count, sizeof f->attr_count);
    for (int i = 0; i < f->attr_count; i++) {
        sum_add(in->sum, f->attrs[i].key, strlen(f->attrs[i].key) + 1);
        sum_add(in->sum, f->attrs[i].value, strlen(f->attrs[i].value) + 1);
    }
}

void inputs_add(struct inputs *s, const struct frame *f)
{
    struct input *in = find(s, f->name);

    if (f->first == 0) { /* anew: what came before does not count */
        sum_restart(in->sum);
        free(in->form);
        in->form = form_of(f);
        add_attrs(in, f);
    }
    if (f->kind == FRAME_TEXT)
        add_texts(in, f);
    else
        sum_add(in->sum, f->tensor.data, tensor_bytes(&f->tensor));
}

void inputs_tell(const struct inputs *s, struct parts *p)
{
    for (int i = 0; i < s->n; i++) {
        char digest[SUM_TEXT], *value;

        sum_text(s->list[i].sum, digest);
        value = mem_format("%s %s", digest, s->list[i].form);
        parts_add(p, "input", s->list[i].name, value);
        free(value);
    }
}

void inputs_free(struct inputs *s)
{
    for (int i = 0; i < s->n; i++) {
        free(s->list[i].name);
        free(s->list[i].form);
        sum_free(s->list[i].sum);
    }
    free(s->list);
    free(s);
}
