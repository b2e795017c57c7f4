#include "formats/safetensors.h"

#include "util/file_write.h"
#include "util/mem.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static size_t bytes_of(const struct safetensor *t)
{
    size_t n = safetensors_type_size(t->type);

    for (int i = 0; i < t->ndim; i++)
        n *= (size_t)t->dim[i];
    return n;
}

/* {"dtype": ..., "shape": [...], "data_offsets": [from, from + bytes]} */
static json_t *entry(const struct safetensor *t, size_t from)
{
    json_t *shape = json_array();

    for (int i = 0; i < t->ndim; i++)
        json_array_append_new(shape, json_integer(t->dim[i]));
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", safetensors_type_name(t->type),
                     "shape", shape, "data_offsets", (json_int_t)from,
                     (json_int_t)(from + bytes_of(t)));
}

/* The header's text, padded with spaces to a multiple of 8 so that the data is
 * aligned; NULL and the reason in e, or free with free(). */
static char *header_text(const struct safetensor *list, long n, struct error *e)
{
    json_t *header = json_object();
    size_t at = 0, length, padded;
    char *text, *out;

    for (long i = 0; i < n; i++) {
        if (json_object_get(header, list[i].name) ||
            strcmp(list[i].name, "__metadata__") == 0 ||
            json_object_set_new(header, list[i].name, entry(&list[i], at)) != 0) {
            json_decref(header);
            fail(e, "tensor '%s': the name is taken or is not valid UTF-8", list[i].name);
            return NULL;
        }
        at += bytes_of(&list[i]);
    }
    text = json_dumps(header, JSON_COMPACT);
    json_decref(header);
    if (!text) {
        fail(e, "the header cannot be written as JSON");
        return NULL;
    }
    length = strlen(text);
    padded = (length + 7) / 8 * 8;
    out = mem_new(padded + 1, 1);
    memset(out, ' ', padded);
    memcpy(out, text, length);
    free(text);
    return out;
}

int safetensors_write(const char *path, const struct safetensor *list, long n,
                      struct error *e)
{
    struct file_write a;
    char *text = header_text(list, n, e);
    unsigned char length[8];

    if (!text)
        return fail_in(e, "%s", path);
    if (file_write_begin(&a, path, e) < 0) {
        free(text);
        return -1;
    }
    for (int i = 0; i < 8; i++)
        length[i] = (unsigned char)((uint64_t)strlen(text) >> 8 * i);
    fwrite(length, 1, sizeof length, a.f); /* file_write_commit asks for errors */
    fwrite(text, 1, strlen(text), a.f);
    for (long i = 0; i < n; i++)
        if (bytes_of(&list[i]) > 0)
            fwrite(list[i].data, 1, bytes_of(&list[i]), a.f);
    free(text);
    return file_write_commit(&a, e);
}
