#include "stream/tensor.h"

#include "util/mem.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static const struct {
    const char *name;
    size_t size;
} dtypes[DT_COUNT] = {
    [DT_F4] = { "<f4", 4 }, [DT_F2] = { "<f2", 2 }, [DT_I1] = { "|i1", 1 },
    [DT_I4] = { "<i4", 4 }, [DT_I8] = { "<i8", 8 }, [DT_U1] = { "|u1", 1 },
};

const char *dtype_name(enum dtype type)
{
    return dtypes[type].name;
}

size_t dtype_size(enum dtype type)
{
    return dtypes[type].size;
}

int dtype_find(const char *name, size_t length)
{
    for (int i = 0; i < DT_COUNT; i++)
        if (strlen(dtypes[i].name) == length && memcmp(dtypes[i].name, name, length) == 0)
            return i;
    return -1;
}

int64_t shape_count(const int64_t *shape, int dims)
{
    int64_t n = 1;

    for (int i = 0; i < dims; i++)
        if (shape[i] < 0 || __builtin_mul_overflow(n, shape[i], &n))
            return -1;
    return n;
}

struct tensor tensor_new(enum dtype type, int dims, const int64_t *shape)
{
    struct tensor t = { .type = type, .dims = dims };

    assert(dims >= 1 && dims <= TENSOR_DIMS && shape_count(shape, dims) >= 0);
    memcpy(t.shape, shape, (size_t)dims * sizeof *shape);
    t.data = mem_new((size_t)shape_count(shape, dims), dtype_size(type));
    return t;
}

struct tensor tensor_new1(enum dtype type, int64_t rows)
{
    return tensor_new(type, 1, &rows);
}

struct tensor tensor_new2(enum dtype type, int64_t rows, int64_t columns)
{
    return tensor_new(type, 2, (int64_t[]){ rows, columns });
}

void tensor_free(struct tensor *t)
{
    free(t->data);
    *t = (struct tensor){ 0 };
}

struct tensor tensor_view1(enum dtype type, int64_t rows, void *data)
{
    return (struct tensor){ .type = type, .dims = 1, .shape = { rows }, .data = data };
}

struct tensor tensor_view2(enum dtype type, int64_t rows, int64_t columns, void *data)
{
    return (struct tensor){
        .type = type, .dims = 2, .shape = { rows, columns }, .data = data
    };
}

int64_t tensor_rows(const struct tensor *t)
{
    return t->shape[0];
}

size_t tensor_row_bytes(const struct tensor *t)
{
    return (size_t)shape_count(t->shape + 1, t->dims - 1) * dtype_size(t->type);
}

size_t tensor_bytes(const struct tensor *t)
{
    return (size_t)t->shape[0] * tensor_row_bytes(t);
}

const char *tensor_shape_text(const struct tensor *t, char *text, size_t size)
{
    size_t used = 0;

    for (int i = 0; i < t->dims && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%lld", i ? ", " : "[",
                                 (long long)t->shape[i]);
    if (used < size)
        snprintf(text + used, size - used, "]");
    return text;
}

uint64_t tensor_digest(const struct tensor *t)
{
    XXH3_state_t *state = XXH3_createState();
    uint64_t digest;

    XXH3_64bits_reset(state);
    XXH3_64bits_update(state, dtype_name(t->type), 3);
    XXH3_64bits_update(state, t->shape, (size_t)t->dims * sizeof *t->shape);
    XXH3_64bits_update(state, t->data, tensor_bytes(t));
    digest = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return digest;
}

const char *digest_text(uint64_t digest, char text[DIGEST_TEXT])
{
    snprintf(text, DIGEST_TEXT, "%016" PRIx64, digest);
    return text;
}

const char *tensor_digest_text(const struct tensor *t, char text[DIGEST_TEXT])
{
    return digest_text(tensor_digest(t), text);
}

const char *texts_at(const struct texts *t, int64_t i)
{
    assert(i >= 0 && i < t->count);
    return t->bytes + t->offset[i];
}

size_t texts_length(const struct texts *t, int64_t i)
{
    assert(i >= 0 && i < t->count);
    return t->offset[i + 1] - t->offset[i] - 1;
}

/* Room doubles: whether it is used up shows in the sizes themselves. */
static bool is_power_of_two(size_t n)
{
    return (n & (n - 1)) == 0;
}

static void reserve_bytes(struct texts *t, size_t used, size_t more)
{
    size_t before = 4096, after;

    while (before < used)
        before *= 2;
    for (after = before; after < used + more;)
        after *= 2;
    if (!t->bytes || after > before)
        t->bytes = mem_resize(t->bytes, after, 1);
}

void texts_add(struct texts *t, const char *text, size_t length)
{
    size_t used = t->count ? t->offset[t->count] : 0;

    reserve_bytes(t, used, length + 1);
    if (!t->offset || is_power_of_two((size_t)t->count + 1))
        t->offset = mem_resize(t->offset, 2 * ((size_t)t->count + 1), sizeof *t->offset);
    memcpy(t->bytes + used, text, length);
    t->bytes[used + length] = 0;
    t->offset[0] = 0;
    t->offset[++t->count] = used + length + 1;
}

void texts_free(struct texts *t)
{
    free(t->bytes);
    free(t->offset);
    *t = (struct texts){ 0 };
}
