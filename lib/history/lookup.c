#include "history/lookup.h"

#include "history/suggest.h"
#include "util/escape.h"
#include "util/file.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_PREFIX "id:"
#define SHOWN 60 /* bytes of a word in a message */

enum { LISTED = 5 };

static bool same_text(const struct texts *t, int64_t i, const char *word)
{
    return strcmp(texts_at(t, i), word) == 0;
}

static int32_t find_exactly(const struct texts *ids, const char *word)
{
    for (int64_t i = 0; i < ids->count; i++)
        if (same_text(ids, i, word))
            return (int32_t)i;
    return -1;
}

/* As it is, or as our programs write it, with escapes. */
static int32_t find_id(const struct texts *ids, const char *word)
{
    int32_t id = find_exactly(ids, word);
    struct error e;
    char *plain;

    if (id >= 0 || !strchr(word, '\\'))
        return id;
    plain = mem_string(word);
    if (escape_undo(plain, ESCAPE_LETTERS, &e) >= 0)
        id = find_exactly(ids, plain);
    free(plain);
    return id;
}

/* Rows of that title, the first LISTED of them into row; how many in all. */
static int64_t find_titles(const struct texts *titles, const char *word, bool exactly,
                           int32_t row[LISTED])
{
    int64_t n = 0;

    for (int64_t i = 0; titles && *word && i < titles->count; i++) {
        if (exactly ? !same_text(titles, i, word)
                    : !suggest_same(texts_at(titles, i), word))
            continue;
        if (n < LISTED)
            row[n] = (int32_t)i;
        n++;
    }
    return n;
}

/* Adds "'a', 'b'" to the reason, which has room for LISTED ids. */
static void append(struct error *e, const char *format, const char *text)
{
    size_t used = strlen(e->text);

    snprintf(e->text + used, sizeof e->text - used, format, text);
}

static int32_t several(const struct texts *ids, const char *word, const int32_t *row,
                       int64_t n, struct error *e)
{
    fail(e, "%" PRId64 " items have the title '%.*s', with the ids", n, SHOWN, word);
    for (int i = 0; i < n && i < LISTED; i++)
        append(e, i ? ", %.80s" : " %.80s", texts_at(ids, row[i]));
    append(e, "%s: give one of these", n > LISTED ? ", ..." : "");
    return -1;
}

/* Adds what was perhaps meant; ids NULL: the names are ids themselves. */
static void suggest(struct error *e, const struct texts *names, const struct texts *ids,
                    const char *word)
{
    int32_t near[SUGGEST_MOST];
    int n = names ? suggest_names(names, word, near) : 0;

    for (int i = 0; i < n; i++) {
        append(e, i ? ", '%.80s'" : ": near it '%.80s'", texts_at(names, near[i]));
        if (ids)
            append(e, " (id %.40s)", texts_at(ids, near[i]));
    }
}

/* A file after the words was perhaps meant as one. */
static int32_t unknown_item(const struct texts *ids, const struct texts *titles,
                            const char *word, struct error *e)
{
    fail(e, "no item has the id or title '%.*s'", SHOWN, word);
    if (file_exists(word) && *word)
        append(e, "%s", ", but it is a file: put -- before files");
    else if (titles)
        suggest(e, titles, ids, word);
    else
        suggest(e, ids, NULL, word);
    return -1;
}

int32_t lookup_item(const struct texts *ids, const struct texts *titles, const char *word,
                    struct error *e)
{
    bool by_id = strncmp(word, ID_PREFIX, strlen(ID_PREFIX)) == 0;
    int32_t id = find_id(ids, word), row[LISTED];
    int64_t n;

    if (id < 0 && by_id && (id = find_id(ids, word + strlen(ID_PREFIX))) >= 0)
        return id;
    n = find_titles(titles, word, true, row);
    if (id >= 0 && n > 0 && !(n == 1 && row[0] == id))
        return fail(e, "'%.*s' is the id of '%.80s' and the title of item %.80s: give "
                       ID_PREFIX "%.80s or " ID_PREFIX "%.80s", SHOWN, word,
                    titles ? texts_at(titles, id) : "", texts_at(ids, row[0]), word,
                    texts_at(ids, row[0]));
    if (id >= 0)
        return id;
    if (n == 0)
        n = find_titles(titles, word, false, row);
    if (n > 1)
        return several(ids, word, row, n, e);
    return n == 1 ? row[0] : unknown_item(ids, titles, word, e);
}

int32_t lookup_user(const struct texts *ids, const char *word, struct error *e)
{
    int32_t user = find_id(ids, word);

    if (user < 0) {
        fail(e, "no user has the id '%.*s'", SHOWN, word);
        suggest(e, ids, NULL, word);
    }
    return user;
}

/* All but the last reason are said; the last ends the program.  Near names take time for
 * each, so after so many the words that follow are not looked at. */
enum { REASONS_MOST = 10 };

struct reasons {
    const char *option;
    struct error last;
    int count;
};

static void add_reason(struct reasons *r, const struct error *e)
{
    if (r->count++ > 0)
        warn("--%s: %s", r->option, r->last.text);
    r->last = *e;
}

static void end_with(const struct reasons *r)
{
    if (r->count == REASONS_MOST)
        die("--%s: %s; what follows was not looked at", r->option, r->last.text);
    if (r->count > 0)
        die("--%s: %s", r->option, r->last.text);
}

int32_t *lookup_items(const struct texts *ids, const struct texts *titles,
                      const struct opt_words *words, const char *option)
{
    int32_t *item = mem_new((size_t)words->count, sizeof *item);
    struct reasons r = { .option = option };
    struct error e;

    for (int i = 0; i < words->count && r.count < REASONS_MOST; i++)
        if ((item[i] = lookup_item(ids, titles, words->list[i], &e)) < 0)
            add_reason(&r, &e);
    end_with(&r);
    return item;
}

static void add_user(int32_t *list, int *count, int32_t user)
{
    for (int i = 0; i < *count; i++)
        if (list[i] == user)
            return;
    list[(*count)++] = user;
}

int32_t *lookup_users(const struct texts *ids, const char *list, const char *option,
                      int *count)
{
    char *copy = mem_string(list), *rest = copy, *word;
    int32_t *user = mem_new(strlen(list) + 1, sizeof *user);
    struct reasons r = { .option = option };
    struct error e;

    *count = 0;
    if (find_id(ids, list) >= 0) /* an id may hold commas */
        add_user(user, count, find_id(ids, list));
    else
        while (r.count < REASONS_MOST && (word = strsep(&rest, ","))) {
            int32_t found = lookup_user(ids, word, &e);

            if (found < 0)
                add_reason(&r, &e);
            else
                add_user(user, count, found);
        }
    end_with(&r);
    free(copy);
    return user;
}
