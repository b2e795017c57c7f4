#include "formats/torch_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int by_bytes(const char *a, size_t n, const char *b, size_t m)
{
    size_t both = n < m ? n : m;
    int order = both ? memcmp(a, b, both) : 0;

    return order ? order : (n > m) - (n < m);
}

static int by_key(const void *a, const void *b)
{
    const struct zip_entry *x = a, *y = b;

    return by_bytes(x->name, x->name_size, y->name, y->name_size);
}

void torch_storage_sort(struct zip_entry *list, size_t n)
{
    if (n > 0)
        qsort(list, n, sizeof *list, by_key);
}

struct zip_entry *torch_storage_find(struct zip_entry *list, size_t n, const char *key,
                                     size_t size)
{
    struct zip_entry want = { .name = key, .name_size = size };

    return n > 0 ? bsearch(&want, list, n, sizeof want, by_key) : NULL;
}

/* ('storage', type, key, device, elements), in legacy files also a view, None. */
int torch_storage_describe(struct torch_storage *s, const struct pickle_value *v,
                   struct error *e)
{
    const struct pickle_value *d = v->of;

    if (v->kind != PICKLE_STORAGE || d->count < 5 || !pickle_is(d->item[0], "storage") ||
        d->item[1]->kind != PICKLE_TYPE || d->item[2]->kind != PICKLE_TEXT ||
        d->item[4]->kind != PICKLE_INT || d->item[4]->integer < 0)
        return fail(e, "its storage is not described as torch does it");
    if (d->count > 5 && d->item[5]->kind != PICKLE_NONE)
        return fail(e, "its storage is a part of another one, as torch before 0.4 wrote; "
                       "save it again with a newer torch");
    *s = (struct torch_storage){ .type = d->item[1]->type, .key = d->item[2]->text,
                                 .key_size = d->item[2]->size,
                                 .count = d->item[4]->integer };
    if (__builtin_mul_overflow((size_t)s->count, safetensors_type_size(s->type),
                               &s->bytes))
        return fail(e, "its storage of %" PRId64 " elements is absurd", s->count);
    return 0;
}
