#include "memo/explain.h"

#include "memo/entry.h"
#include "util/mem.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

const char *explain_bytes(int64_t bytes, char text[32])
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
    double n = (double)bytes;
    int unit = 0;

    while (n >= 999.5 && unit < 4) {
        n /= 1000;
        unit++;
    }
    snprintf(text, 32, unit == 0 ? "%.0f %s" : "%.1f %s", n, units[unit]);
    return text;
}

const char *explain_time(time_t when, char text[32])
{
    struct tm t;

    if (!localtime_r(&when, &t) || strftime(text, 32, "%Y-%m-%d %H:%M:%S", &t) == 0)
        snprintf(text, 32, "?");
    return text;
}

/* "1a2b3c4d of 2026-11-25 02:14:00 (sbert-encode -m MiniLM)" */
static void print_entry(FILE *out, const char *key, const struct entry *t)
{
    char *command = parts_value(t->notes, "note", "command"), when[32];

    fprintf(out, "%.8s, last used %s (%s)", key, explain_time(t->used, when),
            command ? command : "?");
    free(command);
}

/* What follows the digest of an input: its type, shape and attributes. */
static const char *form_of(const char *value)
{
    const char *space = strchr(value, ' ');

    return space ? space + 1 : "";
}

static bool is_content(const char *kind)
{
    static const char *const kinds[] = { "program", "executable", "library", "file" };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i], kind) == 0)
            return true;
    return false;
}

static void print_difference(const char *kind, const char *name, const char *here,
                             const char *there, void *data)
{
    FILE *out = data;
    bool input = strcmp(kind, "input") == 0;

    fprintf(out, "  %s %s: ", kind, name);
    if (!here || !there)
        fprintf(out, "only %s\n", here ? "here" : "there");
    else if (is_content(kind) || (input && strcmp(form_of(here), form_of(there)) == 0))
        fprintf(out, "other content\n");
    else
        fprintf(out, "'%s' here, '%s' there\n", input ? form_of(here) : here,
                input ? form_of(there) : there);
}

static void print_differences(FILE *out, const struct parts *p, const struct entry *t)
{
    if (parts_compare(p->text, t->parts, print_difference, out) == 0)
        fprintf(out, "  the order of the inputs\n");
}

/* The entry of the same program that differs least, of several the last used: false
 * where there is none. */
static bool nearest(const struct cache *c, const struct parts *p, char key[SUM_TEXT])
{
    char *program = parts_name(p->text, "program"), **keys;
    int n = entries_list(c, &keys), least = INT_MAX;
    struct entry t;
    struct error e;

    for (int i = 0; i < n; i++) {
        if (entry_open(&t, c, keys[i], &e) == 1) {
            char *other = parts_name(t.parts, "program");
            int count = other && strcmp(other, program) == 0
                            ? parts_compare(p->text, t.parts, NULL, NULL)
                            : INT_MAX;

            if (count < INT_MAX && count <= least) {
                least = count;
                snprintf(key, SUM_TEXT, "%s", keys[i]);
            }
            free(other);
            entry_close(&t);
        }
        free(keys[i]);
    }
    free(keys);
    free(program);
    return least < INT_MAX;
}

static void print_miss(FILE *out, const struct cache *c, const struct parts *p)
{
    char near[SUM_TEXT], *program = parts_name(p->text, "program");
    struct entry t;
    struct error e;

    if (!nearest(c, p, near) || entry_open(&t, c, near, &e) != 1) {
        fprintf(out, "miss: there is nothing of %s in %s\n", program, c->path);
    } else {
        fprintf(out, "miss: the nearest is ");
        print_entry(out, near, &t);
        fprintf(out, "\n");
        print_differences(out, p, &t);
        entry_close(&t);
    }
    free(program);
}

void explain(FILE *out, const struct cache *c, const char *key, const struct parts *p)
{
    struct entry t;
    struct error e;
    int got = entry_open(&t, c, key, &e);
    char bytes[32];

    if (got == 1 && entry_verify(&t, &e) == 0) {
        fprintf(out, "hit: ");
        print_entry(out, key, &t);
        fprintf(out, ", %s\n", explain_bytes(t.size, bytes));
    } else if (got == 0) {
        print_miss(out, c, p);
    } else {
        fprintf(out, "miss: the entry is damaged: %s\n", e.text);
    }
    if (got == 1)
        entry_close(&t);
}
