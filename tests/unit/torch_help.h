/* Files of torch.save in the making, byte by byte, for tests of their reader. */
#ifndef UNIT_TORCH_HELP_H
#define UNIT_TORCH_HELP_H

#include "formats/torch_file.h"
#include "temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(s) s, sizeof(s) - 1

static char *folder;

/* A file in the making. */
struct bytes {
    unsigned char *at;
    size_t n;
};

static inline void add(struct bytes *b, const void *data, size_t n)
{
    b->at = mem_resize(b->at, b->n + n, 1);
    memcpy(b->at + b->n, data, n);
    b->n += n;
}

static inline void add_number(struct bytes *b, uint64_t v, int bytes)
{
    add(b, &v, (size_t)bytes);
}

static inline char *put(const char *name, const void *data, size_t n)
{
    char *path = file_join(folder, name);
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    return path;
}

static inline void refused(const void *data, size_t n, const char *reason)
{
    char *path = put("wrong", data, n);
    struct error e = { "" };

    assert_null(torch_open(path, &e));
    if (!strstr(e.text, reason))
        fail_msg("expected '%s' in '%s'", reason, e.text);
    assert_memory_equal(e.text, path, strlen(path));
    free(path);
}

/* A legacy file around the pickle of its object, with one storage "0" of n floats, or
 * none where n is negative. */
static inline struct bytes legacy(const void *object, size_t size, long n)
{
    static const float numbers[64] = { 1, 2, 3, 4, 5, 6 };
    struct bytes b = { NULL, 0 };

    add(&b, TEXT("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."));
    add(&b, TEXT("\x80\x02M\xe9\x03."));
    add(&b, TEXT("\x80\x02}X\x0d\0\0\0little_endian\x88s."));
    add(&b, object, size);
    if (n < 0) {
        add(&b, TEXT("\x80\x02]."));
        return b;
    }
    add(&b, TEXT("\x80\x02]X\x01\0\0\0" "0a."));
    add_number(&b, (uint64_t)n, 8);
    add(&b, numbers, (size_t)n * sizeof *numbers);
    return b;
}

static inline void add_int(struct bytes *b, int64_t v)
{
    add(b, TEXT("\x8a\x08"));
    add_number(b, (uint64_t)v, 8);
}

static inline void add_sizes(struct bytes *b, int n, const int64_t *v)
{
    add(b, "(", 1);
    for (int i = 0; i < n; i++)
        add_int(b, v[i]);
    add(b, "t", 1);
}

/* Key, type and elements of a storage. */
static inline void add_storage(struct bytes *b, const char *key, int64_t elements)
{
    add(b, TEXT("(\x8c\x07storagectorch\nFloatStorage\n\x8c\x01"));
    add(b, key, 1);
    add(b, TEXT("\x8c\x03" "cpu"));
    add_int(b, elements);
    add(b, TEXT("tQ"));
}

/* {'t': a tensor of this view of a storage} as a pickle. */
static inline struct bytes view(const char *key, int64_t elements, int64_t offset,
                                int ndim, const int64_t *dim, int strides,
                                const int64_t *stride)
{
    struct bytes b = { NULL, 0 };

    add(&b, TEXT("\x80\x02}\x8c\x01tctorch._utils\n_rebuild_tensor_v2\n("));
    add_storage(&b, key, elements);
    add_int(&b, offset);
    add_sizes(&b, ndim, dim);
    add_sizes(&b, strides, stride);
    add(&b, TEXT("\x89)tRs."));
    return b;
}

static inline int make_folder(void **state)
{
    (void)state;
    folder = temporary_folder();
    return 0;
}

static inline int remove_folder(void **state)
{
    (void)state;
    temporary_remove(folder);
    return 0;
}

#endif
