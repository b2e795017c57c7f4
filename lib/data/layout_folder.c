#include "data/layout_folder.h"

#include "data/foreign.h"
#include "data/layout_names.h"
#include "data/layout_parts.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/path.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* Has some format its items in files of this name? */
static bool is_items(const char *name)
{
    char *stem = NULL;

    for (int i = 0; i < layout_count && !stem; i++)
        stem = layout_names_stem(name, layouts[i].items);
    free(stem);
    return stem != NULL;
}

/* Which files of a folder: those that fit one of the patterns, and are named as item
 * files or not; where stem is not NULL, with this for '*'; where beside is not NULL,
 * beside a file that fits it with the same stem.  No file of a layout's sets of parts is
 * interactions by itself. */
struct wanted {
    const struct layout *whole; /* NULL: parts are wanted, too */
    const char *const *patterns;
    bool items;
    bool named; /* the interactions are, so that only the item file is to be chosen */
    const char *const *beside;
    const char *stem;
};

static bool is_part(const struct layout *l, const char *folder, const char *name)
{
    char *path = file_join(folder, name), *stem = layout_parts_stem(l, path);
    bool is = stem != NULL;

    free(stem);
    free(path);
    return is;
}

static bool is_wanted(const struct wanted *w, const char *folder, const char *name)
{
    char *stem = *name == '.' ? NULL : layout_names_stem(name, w->patterns);
    char *other = stem && w->beside ? layout_names_first(folder, w->beside, stem) : NULL;
    bool fits = stem && (!w->beside || other) && is_items(name) == w->items &&
                (!w->stem || layout_names_is(name, w->patterns, w->stem)) &&
                !(w->whole && is_part(w->whole, folder, name));

    free(stem);
    free(other);
    return fits;
}

/* The two names that come first. */
static void keep_two(char *found[2], const char *name)
{
    bool first = !found[0] || strcmp(name, found[0]) < 0;

    if (!first && found[1] && strcmp(name, found[1]) > 0)
        return;
    free(found[1]);
    if (first)
        found[1] = found[0];
    found[!first] = mem_string(name);
}

/* Puts the first two such names into found; the rest of it stays NULL.  Returns how many
 * names there are. */
static int find_wanted(char *found[2], const char *folder, const struct wanted *w)
{
    DIR *d = opendir(folder);
    struct dirent *entry;
    int count = 0;

    found[0] = found[1] = NULL;
    while (d && (entry = readdir(d)))
        if (is_wanted(w, folder, entry->d_name)) {
            keep_two(found, entry->d_name);
            count++;
        }
    if (d)
        closedir(d);
    return count;
}

/* The only such file; NULL: none, or several, which `several` then says. */
static char *only_one(const struct layout *l, const char *folder, const struct wanted *w,
                      struct error *several)
{
    char *found[2], *path = NULL;
    int count = find_wanted(found, folder, w);

    if (count == 1)
        path = file_join(folder, found[0]);
    if (count > 1 && w->items)
        fail(several, "%s: both %s and %s may be the item file: name %sone of them, with "
                      "%s%s%s--items",
             folder, found[0], found[1], w->named ? "" : "the interactions and ",
             w->named ? "" : "-f ", w->named ? "" : l->name, w->named ? "" : " and ");
    else if (count > 1)
        fail(several, "%s: both %s and %s may be the interactions: name one of them, "
                      "with -f %s",
             folder, found[0], found[1], l->name);
    free(found[0]);
    free(found[1]);
    return path;
}

/* The folder's path without slashes at its end. */
static char *without_slash(const char *path)
{
    size_t n = strlen(path);

    while (n > 1 && path[n - 1] == '/')
        n--;
    return mem_format("%.*s", (int)n, path);
}

static char *stem_in(const struct layout *l, const char *path)
{
    char *stem = layout_parts_stem(l, path);

    if (!stem)
        stem = layout_names_stem(path, l->interactions);
    return stem ? stem : layout_names_stem(path, l->loose);
}

/* The item file of that stem. */
static char *items_of(const struct layout *l, const char *folder, const char *stem,
                      bool named, struct error *several)
{
    const struct wanted w = { .patterns = l->items, .items = true, .named = named,
                              .stem = stem };

    return only_one(l, folder, &w, several);
}

/* Amazon's Beauty_5 are the reviews of Beauty that are left when each user and item has
 * 5. */
char *layout_folder_items(const struct layout *l, const char *folder,
                          const char *interactions, bool named, struct error *several)
{
    char *stem = stem_in(l, interactions), *cut = stem ? strrchr(stem, '_') : NULL;
    char *items = stem ? items_of(l, folder, stem, named, several) : NULL;

    if (!items && !*several->text && l->both && cut && cut[1] && !cut[2]) {
        *cut = 0;
        items = items_of(l, folder, stem, named, several);
    }
    if (!items && !*several->text && stem && *stem)
        items = items_of(l, folder, "", named, several);
    if (!items && !*several->text && l->both && stem)
        items = items_of(l, folder, NULL, named, several);
    free(stem);
    return items;
}

/* The file that is named as the folder, or else the only one. */
static char *one_of(const struct layout *l, const char *folder, const struct wanted *w,
                    bool asked, struct error *several)
{
    struct wanted own = *w;
    char *name = path_name(folder), *path;

    own.stem = name;
    path = only_one(l, folder, &own, several);
    free(name);
    if (path || *several->text)
        return path;
    return asked || !l->named ? only_one(l, folder, w, several) : NULL;
}

static char *interactions_in(const struct layout *l, const char *folder, bool asked,
                             struct error *several)
{
    const struct wanted usual = { l, l->interactions },
                        loose = { l, l->loose, .beside = asked ? NULL : l->items };
    char *path = one_of(l, folder, &usual, asked, several);

    return path || *several->text ? path : one_of(l, folder, &loose, asked, several);
}

static bool has_items(const struct layout *l, const char *folder)
{
    const struct wanted any = { .patterns = l->items, .items = true };
    char *found[2];
    int count = find_wanted(found, folder, &any);

    free(found[0]);
    free(found[1]);
    return count > 0;
}

/* A file for each split. */
static void take_parts(struct layout_files *f, const char *folder, struct error *several)
{
    char *name = path_name(folder);

    if (layout_parts_find(f->parts, f->layout, folder, name, several)) {
        f->interactions = f->parts[SPLIT_TRAIN];
        f->parts[SPLIT_TRAIN] = NULL;
    }
    free(name);
}

static void drop_interactions(struct layout_files *f)
{
    free(f->interactions);
    f->interactions = NULL;
    for (int s = 0; s < SPLITS; s++) {
        free(f->parts[s]);
        f->parts[s] = NULL;
    }
}

/* What is to be known where files of splits are beside the interactions: a message, or
 * NULL. */
static char *parts_beside(const struct layout_files *f, const char *folder)
{
    struct error several = { "" };
    char *path[SPLITS], *message = NULL, *name = path_name(folder);

    if (!layout_parts_are(f) &&
        layout_parts_find(path, f->layout, folder, name, &several)) {
        message = mem_format("%s: %s is read, and not the splits' files beside it, such "
                             "as %s: these are read where they are alone",
                             folder, file_base(f->interactions),
                             file_base(path[SPLIT_TRAIN]));
        for (int s = 0; s < SPLITS; s++)
            free(path[s]);
    }
    free(name);
    return message;
}

/* Does the folder have this layout's files?  Where it would but for files of which there
 * are several, `several` says so unless it has something to say already. */
static bool fits_folder(struct layout_files *f, const struct layout *l,
                        const char *folder, bool asked, bool named_items,
                        struct error *several)
{
    struct error here = { "" };

    f->layout = l;
    f->interactions = interactions_in(l, folder, asked, &here);
    if (!f->interactions && !*here.text)
        take_parts(f, folder, &here);
    if (f->interactions) {
        f->items = layout_folder_items(l, folder, f->interactions, false, &here);
        if (f->items || ((!l->both || asked) && (named_items || !*here.text)))
            return true;
    }
    if (*here.text && !*several->text && (!l->both || asked || has_items(l, folder)))
        *several = here;
    drop_interactions(f);
    return false;
}

/* The list with " NAME (LAYOUT)" behind it, unless it has NAME; list is freed. */
static char *listed(char *list, const char *name, const struct layout *l)
{
    char *word = mem_format(" %s (", name), *longer = NULL;

    if (!strstr(list, word))
        longer = mem_format("%s%s%s%s)", list, *list ? "," : "", word, l->name);
    free(word);
    if (!longer)
        return list;
    free(list);
    return longer;
}

/* Files that other layouts, or this one under another name, would take: a message that
 * names them, or NULL. */
static char *others(const struct layout_files *f, const char *folder)
{
    const char *taken = file_base(f->interactions);
    char *list = mem_string(""), *found[2], *message = NULL, *name = path_name(folder);

    for (int i = 0; i < layout_count; i++) {
        const struct layout *l = &layouts[i];
        const struct wanted w = { l, l->interactions, .stem = l->named ? name : NULL };

        if (l->both && !has_items(l, folder))
            continue;
        find_wanted(found, folder, &w);
        for (int k = 0; k < 2; k++) {
            if (found[k] && strcmp(found[k], taken) != 0)
                list = listed(list, found[k], l);
            free(found[k]);
        }
    }
    if (*list)
        message = mem_format("%s: the interactions are taken to be %s (%s), not%s",
                             folder, taken, f->layout->name, list);
    free(list);
    free(name);
    return message;
}

int layout_folder_find(struct layout_files *f, const char *path, const char *format,
                       bool named_items, struct error *e)
{
    struct error several = { "" };
    char *folder = without_slash(path), *name = path_name(path), *other = NULL;
    bool found = false, asked = strcmp(format, "auto") != 0;

    for (int i = 0; i < layout_count && !found; i++)
        if (!asked || strcmp(format, layouts[i].name) == 0)
            found = fits_folder(f, &layouts[i], folder, asked, named_items, &several);
    if (!found)
        other = foreign_in_folder(folder);
    if (other)
        fail(e, "%s/%s: %s", folder, other, foreign_name(other));
    else if (!found && *several.text)
        *e = several;
    else if (!found)
        fail(e, "%s: no interactions in this folder, expected one file like %s.inter "
                "(recbole), %s.inter.csv or ratings.csv (csv), the same with .tsv, one "
                "such file for each split (train.csv, test.csv), MovieLens's, or, "
                "beside metadata as .jsonl or .json, reviews like it (amazon) or "
                "ratings_X.csv (amazon-ratings)",
             folder, name, name);
    if (found)
        f->note = parts_beside(f, folder);
    if (found && !f->note && !asked)
        f->note = others(f, folder);
    free(folder);
    free(name);
    free(other);
    return found ? 0 : -1;
}
