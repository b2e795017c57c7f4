#include "cli/option_text.h"

#include "cli/cli.h"
#include "util/error.h"
#include "util/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool option_text_skips(const char *name, const char *const *list)
{
    while (list && *list && strcmp(*list, name) != 0)
        list++;
    return list && *list;
}

struct written {
    FILE *f;
    const char *const *except;
};

static void write_option(const char *name, const char *value, void *data)
{
    struct written *w = data;

    if (option_text_skips(name, w->except))
        return;
    fprintf(w->f, "%s ", name);
    for (; *value; value++)
        putc(*value == '\n' ? ' ' : *value, w->f); /* an option has one line */
    putc('\n', w->f);
}

char *option_text(const char *const *except)
{
    struct written w = { .except = except };
    char *text = NULL;
    size_t size;

    w.f = open_memstream(&text, &size);
    if (w.f) {
        fprintf(w.f, "\nseed %llu\n", (unsigned long long)cli_seed);
        cli_each_option(write_option, &w);
    }
    if (!w.f || fclose(w.f) != 0)
        die("the options' text: no memory");
    return text;
}

/* The value of an option in a text, as a new string, or NULL. */
static char *value_of(const char *text, const char *name)
{
    char *begins = mem_format("\n%s ", name);
    const char *at = strstr(text, begins);

    at = at ? at + strlen(begins) : NULL;
    free(begins);
    return at ? mem_format("%.*s", (int)strcspn(at, "\n"), at) : NULL;
}

/* The change of the option, or NULL. */
static char *change_of(const char *there, const char *now, const char *name)
{
    char *old = value_of(there, name), *new = value_of(now, name), *change = NULL;

    if (!old || !new)
        change = mem_format("--%s is not an option %s", name, old ? "now" : "there");
    else if (strcmp(old, new) != 0)
        change = mem_format("--%s is %s there, %s now", name, *old ? old : "''",
                            *new ? new : "''");
    free(old);
    free(new);
    return change;
}

char *option_text_change(const char *there, const char *now)
{
    char *change = NULL;

    for (const char *line = strchr(now, '\n'); line && line[1] && !change;
         line = strchr(line + 1, '\n')) {
        char *name = mem_format("%.*s", (int)strcspn(line + 1, " \n"), line + 1);

        change = change_of(there, now, name);
        free(name);
    }
    return change;
}
