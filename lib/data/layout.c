#include "data/layout.h"

#include "util/file.h"
#include "util/mem.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

const struct layout layouts[] = {
    { "recbole", { .separator = "\t", .typed = true }, { "*.inter" }, { "*.item" } },
    { "csv", { .separator = ",", .quotes = true },
      { "*.inter.csv", "interactions.csv", "ratings.csv" },
      { "*.item.csv", "items.csv", "movies.csv" } },
    { "tsv", { .separator = "\t" },
      { "*.inter.tsv", "interactions.tsv", "ratings.tsv" },
      { "*.item.tsv", "items.tsv", "movies.tsv" } },
};
const int layout_count = sizeof layouts / sizeof *layouts;

/* folder/pattern with '*' replaced. */
static char *fill(const char *folder, const char *pattern, const char *name)
{
    const char *star = strchr(pattern, '*');

    if (!star)
        return file_join(folder, pattern);
    return mem_format("%s/%.*s%s%s", folder, (int)(star - pattern), pattern, name,
                      star + 1);
}

/* The first of the patterns' files that is there, or NULL. */
static char *first_there(const char *folder, const char *const *patterns,
                         const char *name)
{
    for (; *patterns; patterns++) {
        char *path = fill(folder, *patterns, name);

        if (file_exists(path))
            return path;
        free(path);
    }
    return NULL;
}

/* The only file in the folder that fits the pattern, "*.inter", whatever its name.  The
 * folder's own name is no pattern, as it were to glob(3). */
static char *only_one(const char *folder, const char *pattern)
{
    const char *tail = pattern + 1; /* behind '*' */
    char *found = NULL;
    DIR *d = opendir(folder);
    struct dirent *entry;
    int count = 0;

    while (d && (entry = readdir(d))) {
        size_t n = strlen(entry->d_name), t = strlen(tail);

        if (*entry->d_name == '.' || n <= t || strcmp(entry->d_name + n - t, tail) != 0)
            continue;
        free(found);
        found = count++ ? NULL : file_join(folder, entry->d_name);
    }
    if (d)
        closedir(d);
    return found;
}

/* What '*' stands for in the name of this file, a new string; NULL if none fits. */
static char *stem_of(const char *file, const char *const *patterns)
{
    const char *base = file_base(file);

    for (; *patterns; patterns++) {
        const char *tail = *patterns + 1;
        size_t n = strlen(base), t = strlen(tail);

        if (**patterns == '*' && n > t && strcmp(base + n - t, tail) == 0)
            return mem_format("%.*s", (int)(n - t), base);
        if (strcmp(base, *patterns) == 0)
            return mem_string("");
    }
    return NULL;
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return mem_string(".");
    return slash == path ? mem_string("/")
                         : mem_format("%.*s", (int)(slash - path), path);
}

/* The folder's path without slashes at its end. */
static char *without_slash(const char *path)
{
    size_t n = strlen(path);

    while (n > 1 && path[n - 1] == '/')
        n--;
    return mem_format("%.*s", (int)n, path);
}

static const struct layout *find_in_folder(const char *path, const char *format,
                                           char **interactions, char **items,
                                           struct error *e)
{
    char *folder = without_slash(path);
    const struct layout *found = NULL;

    for (int i = 0; i < layout_count && !found; i++) {
        const struct layout *l = &layouts[i];

        if (strcmp(format, "auto") != 0 && strcmp(format, l->name) != 0)
            continue;
        *interactions = first_there(folder, l->interactions, file_base(folder));
        if (!*interactions)
            *interactions = only_one(folder, l->interactions[0]);
        if (!*interactions)
            continue;
        char *stem = stem_of(*interactions, l->interactions);

        *items = first_there(folder, l->items, stem);
        free(stem);
        found = l;
    }
    if (!found)
        fail(e, "%s: no interactions in this folder, expected one file like %s.inter "
                "(recbole), %s.inter.csv or ratings.csv (csv), or the same with .tsv",
             folder, file_base(folder), file_base(folder));
    free(folder);
    return found;
}

/* A file whose name fits no layout goes by its last letters. */
static const struct layout *layout_of_file(const char *path, const char *format)
{
    const char *dot = strrchr(file_base(path), '.');

    for (int i = 0; i < layout_count; i++) {
        char *stem = stem_of(path, layouts[i].interactions);

        free(stem);
        if (strcmp(format, "auto") != 0 ? strcmp(format, layouts[i].name) == 0
                : stem || (dot && strcmp(dot + 1, layouts[i].name) == 0))
            return &layouts[i];
    }
    return NULL;
}

const struct layout *layout_find(const char *path, const char *format,
                                 char **interactions, char **items, struct error *e)
{
    const struct layout *l;
    char *folder, *stem;

    *interactions = *items = NULL;
    if (file_is_folder(path))
        return find_in_folder(path, format, interactions, items, e);
    if (!(l = layout_of_file(path, format))) {
        fail(e, "%s: its name ends neither in .inter nor in .csv or .tsv: say --format",
             path);
        return NULL;
    }
    folder = folder_of(path);
    stem = stem_of(path, l->interactions);
    *interactions = mem_string(path);
    if (stem)
        *items = first_there(folder, l->items, stem);
    free(folder);
    free(stem);
    return l;
}
