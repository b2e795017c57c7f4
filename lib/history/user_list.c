#include "history/user_list.h"

#include "history/lookup.h"
#include "stream/frame.h"
#include "text/string_index.h"
#include "util/file.h"
#include "util/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct user_list {
    const struct texts *ids;
    struct string_index names;
    bool *wanted; /* (users) */
};

static int want(struct user_list *l, const char *s, size_t n, struct error *e)
{
    int32_t user = string_index_find_written(&l->names, s, n);
    char *word;

    if (user < 0 && !stream_text_valid(s, n))
        return fail(e, "no UTF-8 text of at most %d bytes without NUL", STREAM_TEXT_MAX);
    if (user < 0) {
        word = mem_format("%.*s", (int)n, s);
        lookup_user(l->ids, word, e); /* says what is near */
        free(word);
        return -1;
    }
    l->wanted[user] = true;
    return 0;
}

static int want_lines(struct user_list *l, const struct mapped *m, const char *path,
                      struct error *e)
{
    size_t bytes;
    const char *s = file_text(m, path, &bytes, e), *end;

    if (!s)
        return -1;
    end = s + bytes;
    for (long line = 1; s < end; line++) {
        const char *newline = memchr(s, '\n', (size_t)(end - s));
        const char *stop = newline ? newline : end;
        size_t n = (size_t)(stop - s);

        if (want(l, s, n > 0 && s[n - 1] == '\r' ? n - 1 : n, e) != 0)
            return fail_in(e, "%s:%ld", path, line);
        s = stop + 1;
    }
    return 0;
}

static int want_file(struct user_list *l, const char *path, struct error *e)
{
    struct mapped m;
    int got;

    if (file_map_or_stdin(&m, path, e) != 0)
        return -1;
    got = want_lines(l, &m, path, e);
    file_unmap(&m);
    return got;
}

int user_list_read(int32_t **user, const struct texts *ids, const char *path,
                   struct error *e)
{
    struct user_list l = { .ids = ids,
                           .wanted = mem_new((size_t)ids->count, sizeof *l.wanted) };
    int count = 0, got;

    for (int64_t i = 0; i < ids->count; i++)
        string_index_add(&l.names, texts_at(ids, i), texts_length(ids, i));
    got = want_file(&l, path, e);
    *user = mem_new((size_t)ids->count, sizeof **user);
    for (int32_t i = 0; got == 0 && i < ids->count; i++)
        if (l.wanted[i])
            (*user)[count++] = i;
    string_index_free(&l.names);
    free(l.wanted);
    if (got == 0 && count == 0)
        got = fail(e, "%s: no user ids", path);
    return got == 0 ? count : -1;
}

static int by_number(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

int user_list_parse(int32_t **user, const struct texts *ids, const char *list,
                    const char *name)
{
    int count;

    *user = lookup_users(ids, list, name, &count);
    qsort(*user, (size_t)count, sizeof **user, by_number);
    return count;
}
