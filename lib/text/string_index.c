#include "text/string_index.h"

#include "util/error.h"
#include "util/escape.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Where the string is, or the free slot where it would stand. */
static size_t find_slot(const struct string_index *n, const char *s, size_t length)
{
    size_t mask = n->slots - 1, i = XXH3_64bits(s, length) & mask;

    for (; n->slot[i]; i = (i + 1) & mask) {
        int64_t k = n->slot[i] - 1;

        if (texts_length(&n->texts, k) == length &&
            memcmp(texts_at(&n->texts, k), s, length) == 0)
            break;
    }
    return i;
}

static void grow(struct string_index *n)
{
    free(n->slot);
    n->slots = n->slots ? 2 * n->slots : 1024;
    n->slot = mem_new(n->slots, sizeof *n->slot);
    for (int64_t k = 0; k < n->texts.count; k++)
        n->slot[find_slot(n, texts_at(&n->texts, k), texts_length(&n->texts, k))] =
            (int32_t)k + 1;
}

int32_t string_index_find(const struct string_index *n, const char *s, size_t length)
{
    return n->slots ? n->slot[find_slot(n, s, length)] - 1 : -1;
}

int32_t string_index_find_written(const struct string_index *n, const char *s,
                                  size_t length)
{
    int32_t number = string_index_find(n, s, length);
    struct error e;
    char *copy;
    long plain;

    if (number >= 0 || !memchr(s, '\\', length) || memchr(s, 0, length))
        return number;
    copy = mem_new(length + 1, 1);
    memcpy(copy, s, length);
    plain = escape_undo(copy, ESCAPE_LETTERS, &e);
    if (plain >= 0)
        number = string_index_find(n, copy, (size_t)plain);
    free(copy);
    return number;
}

int32_t string_index_add(struct string_index *n, const char *s, size_t length)
{
    size_t i;

    if (2 * (size_t)n->texts.count >= n->slots)
        grow(n);
    i = find_slot(n, s, length);
    if (!n->slot[i]) {
        if (n->texts.count == INT32_MAX - 1)
            die("more than %d distinct ids", INT32_MAX - 1);
        texts_add(&n->texts, s, length);
        n->slot[i] = (int32_t)n->texts.count;
    }
    return n->slot[i] - 1;
}

void string_index_free(struct string_index *n)
{
    texts_free(&n->texts);
    free(n->slot);
    *n = (struct string_index){ 0 };
}
