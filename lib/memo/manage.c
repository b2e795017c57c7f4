#include "memo/manage.h"

#include "memo/entry.h"
#include "memo/explain.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void print_row(FILE *out, const char *key, const struct entry *t)
{
    char bytes[32], used[32], *command = parts_value(t->notes, "note", "command");
    char *seconds = parts_value(t->notes, "note", "seconds");

    fprintf(out, "%.8s  %9s  %s  %7s s  %s\n", key, explain_bytes(t->size, bytes),
            explain_time(t->used, used), seconds ? seconds : "?",
            command ? command : "?");
    free(command);
    free(seconds);
}

static void print_damaged(FILE *out, const char *why)
{
    fprintf(out, "damaged: %s\n", why);
}

void manage_list(FILE *out, const struct cache *c)
{
    char **keys;
    int n = entries_list(c, &keys);

    for (int i = n - 1; i >= 0; i--) {
        struct entry t;
        struct error e;
        int got = entry_open(&t, c, keys[i], &e);

        if (got == 1) {
            print_row(out, keys[i], &t);
            entry_close(&t);
        } else if (got < 0) {
            print_damaged(out, e.text);
        }
        free(keys[i]);
    }
    free(keys);
}

static void print_count(FILE *out, const char *what, int count, int64_t bytes)
{
    char text[32];

    fprintf(out, "%s%d entr%s, %s", what, count, count == 1 ? "y" : "ies",
            explain_bytes(bytes, text));
}

void manage_size(FILE *out, const struct cache *c)
{
    struct pruned p = entries_prune(c, INT64_MAX);

    print_count(out, "", p.kept, p.kept_bytes);
    fprintf(out, " in %s\n", c->path);
}

void manage_prune(FILE *out, const struct cache *c, int64_t limit)
{
    struct pruned p = entries_prune(c, limit);

    print_count(out, "removed ", p.removed, p.removed_bytes);
    print_count(out, "; kept ", p.kept, p.kept_bytes);
    fprintf(out, "\n");
}

int manage_verify(FILE *out, const struct cache *c)
{
    char **keys;
    int n = entries_list(c, &keys), bad = 0, gone = 0;

    for (int i = 0; i < n; i++) {
        struct entry t;
        struct error e;
        int got = entry_open(&t, c, keys[i], &e);

        if (got == 1 && entry_verify(&t, &e) < 0)
            got = fail_in(&e, "%s/%s", c->entries, keys[i]);
        if (got < 0)
            print_damaged(out, e.text);
        bad += got < 0;
        gone += got == 0;
        if (got == 1)
            entry_close(&t);
        free(keys[i]);
    }
    free(keys);
    fprintf(out, "%d of %d entries whole\n", n - gone - bad, n - gone);
    return bad;
}

int64_t manage_bytes(const char *text)
{
    static const char units[] = "kMGTP";
    char *end;
    double n = strtod(text, &end);
    const char *unit = *end ? strchr(units, *end == 'K' ? 'k' : *end) : NULL;

    if (!isdigit((unsigned char)*text) || strpbrk(text, "xX") ||
        (*end && (!unit || end[1])))
        return -1;
    for (int i = unit ? (int)(unit - units) + 1 : 0; i > 0; i--)
        n *= 1000;
    return n < 9e18 ? (int64_t)n : -1;
}
