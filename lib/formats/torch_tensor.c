#include "formats/torch_parts.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool is_sequence(const struct pickle_value *v)
{
    return v->kind == PICKLE_TUPLE || v->kind == PICKLE_LIST;
}

/* The storage's bytes, as many as the description says. */
static const unsigned char *find_bytes(const struct torch_file *f,
                                       const struct torch_storage *s, struct error *e)
{
    const struct zip_entry *entry =
        torch_storage_find(f->storage, f->storages, s->key, s->key_size);
    int n = s->key_size < 40 ? (int)s->key_size : 40;

    if (entry && entry->size == s->bytes)
        return entry->data;
    if (!entry)
        fail(e, "its storage '%.*s' is not in the file", n, s->key);
    else
        fail(e, "its storage '%.*s' has %zu bytes, expected %" PRId64 " times %zu", n,
             s->key, entry->size, s->count, safetensors_type_size(s->type));
    return NULL;
}

struct view {
    int64_t offset, stride[SAFETENSORS_DIMS];
};

/* A shape or strides: no number below 0. */
static int read_sizes(int64_t *to, int *n, const struct pickle_value *v, struct error *e)
{
    if (!is_sequence(v))
        return fail(e, "its shape or strides are no tuple");
    if (v->count > SAFETENSORS_DIMS)
        return fail(e, "%ld dimensions, at most %d are read", v->count, SAFETENSORS_DIMS);
    *n = (int)v->count;
    for (int i = 0; i < *n; i++) {
        if (v->item[i]->kind != PICKLE_INT || v->item[i]->integer < 0)
            return fail(e, "its shape or strides hold something that is no size");
        to[i] = v->item[i]->integer;
    }
    return 0;
}

/* Count and bytes from the shape, and the view within a storage of `elements`. */
static int check_view(struct safetensor *t, const struct view *v, int64_t elements,
                      struct error *e)
{
    int64_t last = v->offset, step;
    bool absurd = false;

    t->count = 1;
    for (int i = 0; i < t->ndim; i++)
        absurd |= __builtin_mul_overflow(t->count, t->dim[i], &t->count);
    for (int i = 0; i < t->ndim && t->count > 0 && !absurd; i++)
        absurd |= __builtin_mul_overflow(t->dim[i] - 1, v->stride[i], &step) ||
                  __builtin_add_overflow(last, step, &last);
    absurd |= __builtin_mul_overflow((size_t)t->count, safetensors_type_size(t->type),
                                     &t->bytes);
    if (absurd || v->offset > elements || (t->count > 0 && last >= elements))
        return fail(e, "its shape, strides and offset reach beyond its storage of "
                       "%" PRId64 " elements", elements);
    return 0;
}

static bool rows_follow(const struct safetensor *t, const struct view *v)
{
    int64_t step = 1;

    for (int i = t->ndim - 1; i >= 0 && t->count > 0; i--) {
        if (t->dim[i] > 1 && v->stride[i] != step)
            return false;
        step *= t->dim[i];
    }
    return true;
}

/* Row-major, element by element. */
static void copy_view(unsigned char *to, const struct safetensor *t, const struct view *v)
{
    int64_t index[SAFETENSORS_DIMS] = { 0 }, at = 0;
    size_t size = safetensors_type_size(t->type);

    for (int64_t n = 0; n < t->count; n++) {
        memcpy(to + (size_t)n * size, t->data + (size_t)at * size, size);
        for (int i = t->ndim - 1; i >= 0; i--) {
            at += v->stride[i];
            if (++index[i] < t->dim[i])
                break;
            at -= index[i] * v->stride[i];
            index[i] = 0;
        }
    }
}

/* All copies together may take as much as the file has, so that a small file with
 * large views cannot fill the memory. */
static int take_copy(struct torch_file *f, struct safetensor *t, const struct view *v,
                     struct error *e)
{
    unsigned char *to;

    if (t->bytes > f->map.size - f->copied)
        return fail(e, "repeats its elements by strides; save it again after "
                       ".contiguous()");
    f->copied += t->bytes;
    to = mem_new(t->bytes, 1);
    copy_view(to, t, v);
    t->data = to;
    MEM_PUSH(f->copy, f->copies, f->copy_room, to);
    return 0;
}

int torch_tensor(struct torch_file *f, struct safetensor *t, const struct pickle_value *v,
                 struct error *e)
{
    const struct pickle_value *args = v->of;
    struct torch_storage s;
    struct view view;
    int strides = 0;

    if (args->count < 4 || args->item[1]->kind != PICKLE_INT ||
        args->item[1]->integer < 0)
        return fail(e, "is not described as torch does it");
    if (torch_storage_describe(&s, args->item[0], e) < 0 ||
        !(t->data = find_bytes(f, &s, e)) ||
        read_sizes(t->dim, &t->ndim, args->item[2], e) < 0 ||
        read_sizes(view.stride, &strides, args->item[3], e) < 0)
        return -1;
    if (strides != t->ndim)
        return fail(e, "%d dimensions, but %d strides", t->ndim, strides);
    t->type = s.type;
    view.offset = args->item[1]->integer;
    if (check_view(t, &view, s.count, e) < 0)
        return -1;
    t->data += (size_t)view.offset * safetensors_type_size(t->type);
    return rows_follow(t, &view) ? 0 : take_copy(f, t, &view, e);
}
