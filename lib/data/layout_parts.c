#include "data/layout_parts.h"

#include "data/layout_names.h"
#include "data/splits.h"
#include "util/file.h"
#include "util/mem.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* The pattern with a word in place of '%', a new string. */
static char *with_word(const char *pattern, const char *word)
{
    const char *at = strchr(pattern, '%');

    return mem_format("%.*s%s%s", (int)(at - pattern), pattern, word, at + 1);
}

/* What '*' stands for in a name that fits the pattern with one of the split's words, a
 * new string; NULL: it fits none. */
static char *stem_of(const char *name, const char *pattern, enum split split)
{
    char *stem = NULL;

    for (const struct split_word *w = split_words; w->word && !stem; w++) {
        char *own = with_word(pattern, w->word);

        if (w->split == split)
            stem = layout_names_stem(name, (const char *[]){ own, NULL });
        free(own);
    }
    return stem;
}

/* The set's file of a split, a new string; NULL: none, or two, which `several` says. */
static char *file_of(const char *folder, const char *pattern, const char *stem,
                     enum split split, struct error *several)
{
    DIR *d = opendir(folder);
    struct dirent *entry;
    char *found = NULL;

    while (d && (entry = readdir(d))) {
        const char *name = entry->d_name, *had = found ? file_base(found) : name;
        char *own = *name == '.' ? NULL : stem_of(name, pattern, split);
        bool first = strcmp(had, name) < 0;

        if (own && strcmp(own, stem) == 0 && found)
            fail(several, "%s: both %s and %s may be the interactions of one split",
                 folder, first ? had : name, first ? name : had);
        else if (own && strcmp(own, stem) == 0)
            found = file_join(folder, name);
        free(own);
    }
    if (d)
        closedir(d);
    return found;
}

static void free_set(char *path[SPLITS])
{
    for (int s = 0; s < SPLITS; s++) {
        free(path[s]);
        path[s] = NULL;
    }
}

/* The files of that pattern and stem: a set of training and something else? */
static bool take_set(char *path[SPLITS], const char *folder, const char *pattern,
                     const char *stem, struct error *several)
{
    for (int s = 0; s < SPLITS; s++)
        path[s] = file_of(folder, pattern, stem, (enum split)s, several);
    if (!*several->text && path[SPLIT_TRAIN] && (path[SPLIT_VALID] || path[SPLIT_TEST]))
        return true;
    free_set(path);
    return false;
}

/* Is there such a set, or more files than one should have? */
static bool has_set(const char *folder, const char *pattern, const char *stem)
{
    struct error several = { "" };
    char *set[SPLITS];

    if (!take_set(set, folder, pattern, stem, &several))
        return *several.text != 0;
    free_set(set);
    return true;
}

static char *folder_of(const char *path)
{
    const char *base = file_base(path);

    if (base == path)
        return mem_string(".");
    return mem_format("%.*s", (int)(base - path), path);
}

char *layout_parts_stem(const struct layout *l, const char *path)
{
    char *folder = folder_of(path), *found = NULL;

    for (int p = 0; l->parts[p] && !found; p++)
        for (int s = 0; s < SPLITS && !found; s++) {
            char *stem = stem_of(path, l->parts[p], (enum split)s);

            if (stem && has_set(folder, l->parts[p], stem))
                found = stem;
            else
                free(stem);
        }
    free(folder);
    return found;
}

/* Is a set of this name taken rather than one of that? */
static bool goes_first(const char *stem, const char *other, const char *name)
{
    if (name && (strcmp(stem, name) == 0 || strcmp(other, name) == 0))
        return strcmp(stem, name) == 0;
    return strcmp(stem, other) < 0;
}

/* The name of a set of that pattern in the folder: the one asked for, or else the first
 * in order of the alphabet, a new string; NULL: none is there.  *count is how many there
 * are. */
static char *find_stem(const char *folder, const char *pattern, const char *name,
                       int *count)
{
    DIR *d = opendir(folder);
    struct dirent *entry;
    char *found = NULL;

    *count = 0;
    while (d && (entry = readdir(d))) {
        char *stem = *entry->d_name == '.'
                         ? NULL
                         : stem_of(entry->d_name, pattern, SPLIT_TRAIN);
        bool is_set = stem && has_set(folder, pattern, stem);

        *count += is_set;
        if (is_set && (!found || goes_first(stem, found, name))) {
            free(found);
            found = stem;
        } else {
            free(stem);
        }
    }
    if (d)
        closedir(d);
    return found;
}

bool layout_parts_find(char *path[SPLITS], const struct layout *l, const char *folder,
                       const char *name, struct error *several)
{
    bool found = false;

    for (int s = 0; s < SPLITS; s++)
        path[s] = NULL;
    for (int p = 0; l->parts[p] && !found && !*several->text; p++) {
        int count;
        char *stem = find_stem(folder, l->parts[p], name, &count);

        if (count > 1 && !(name && strcmp(stem, name) == 0))
            fail(several, "%s: has the files of %d data sets, of '%s' and others: put "
                          "those of one into a folder",
                 folder, count, stem);
        else if (stem)
            found = take_set(path, folder, l->parts[p], stem, several);
        free(stem);
    }
    return found;
}

bool layout_parts_are(const struct layout_files *f)
{
    return f->parts[SPLIT_VALID] || f->parts[SPLIT_TEST];
}
