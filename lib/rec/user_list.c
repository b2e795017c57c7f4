#include "rec/user_list.h"

#include "rec/names.h"
#include "util/file.h"
#include "util/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct user_list {
    struct names names;
    bool *wanted; /* (users) */
};

static int want(struct user_list *l, const char *s, size_t n, struct error *e)
{
    int32_t user = names_find(&l->names, s, n);

    if (user < 0)
        return fail(e, "no user has the id '%.*s'", n < 60 ? (int)n : 60, s);
    l->wanted[user] = true;
    return 0;
}

/* Each of the texts between separators; a last empty one does not count. */
static int want_each(struct user_list *l, const char *s, size_t length, char separator,
                     const char *path, struct error *e)
{
    const char *end = s + length;

    for (long line = 1; s < end; line++) {
        const char *found = memchr(s, separator, (size_t)(end - s));
        const char *stop = found ? found : end;
        size_t n = (size_t)(stop - s);

        if (want(l, s, path && n > 0 && s[n - 1] == '\r' ? n - 1 : n, e) != 0)
            return path ? fail_in(e, "%s:%ld", path, line) : -1;
        s = stop + 1;
    }
    return 0;
}

static int want_file(struct user_list *l, const char *path, struct error *e)
{
    struct mapped m;
    int got;

    if (file_map(&m, path, e) != 0)
        return -1;
    got = want_each(l, (const char *)m.data, m.size, '\n', path, e);
    file_unmap(&m);
    return got;
}

int user_list_read(int32_t **user, const struct texts *ids, const char *list,
                   const char *path, struct error *e)
{
    struct user_list l = { .wanted = mem_new((size_t)ids->count, sizeof *l.wanted) };
    int count = 0, got;

    for (int64_t i = 0; i < ids->count; i++)
        names_add(&l.names, texts_at(ids, i), texts_length(ids, i));
    got = list ? want_each(&l, list, strlen(list), ',', NULL, e) : want_file(&l, path, e);
    *user = mem_new((size_t)ids->count, sizeof **user);
    for (int32_t i = 0; got == 0 && i < ids->count; i++)
        if (l.wanted[i])
            (*user)[count++] = i;
    names_free(&l.names);
    free(l.wanted);
    if (got == 0 && count == 0)
        got = fail(e, "%s: no user ids", path ? path : "an empty list");
    return got == 0 ? count : -1;
}
