#include "data/layout.h"

#include "data/delimited.h"
#include "data/foreign.h"
#include "data/json_lines.h"
#include "data/movielens.h"
#include "util/file.h"
#include "util/mem.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define COMMAS { .separator = ",", .quotes = true, .guess = true }
#define TABS { .separator = "\t", .guess = true }

static const char *const ratings[] = { "user_id", "item_id", "rating", "timestamp",
                                      NULL };
static const char *const films[] = { "item_id", "title", "genres", NULL };
static const char *const pairs[] = { "user_id", "item_id", NULL };

/* Reviews of 2014 and 2018, of 2023; metadata of all three. */
static const struct records_key amazon_reviews[] = {
    { "user_id", { "reviewerID", "user_id" } },
    { "item_id", { "parent_asin", "asin" } },
    { "rating", { "overall", "rating" } },
    { "timestamp", { "unixReviewTime", "timestamp" } },
    { NULL },
};
static const struct records_key amazon_items[] = {
    { "item_id", { "parent_asin", "asin" } },
    { "title", { "title" } },
    { "description", { "description" } },
    { "categories", { "categories", "category" } },
    { "brand", { "brand", "store" } },
    { "price", { "price" } },
    { NULL },
};

/* The first that fits is taken. */
const struct layout layouts[] = {
    { "recbole", &delimited, &delimited,
      { .separator = "\t", .typed = true }, { .separator = "\t", .typed = true },
      { "*.inter" }, { "*.item" } },
    { "ml-100k", &delimited, &movielens_flags,
      { .separator = "\t", .columns = ratings },
      { .separator = "|", .latin = true, .columns = movielens_flag_columns },
      { "u.data" }, { "u.item" } },
    { "ml-1m", &delimited, &movielens_titles,
      { .separator = "::", .columns = ratings },
      { .separator = "::", .latin = true, .columns = films },
      { "ratings.dat" }, { "movies.dat" } },
    { "movielens", &delimited, &movielens_titles, COMMAS, COMMAS,
      { "ratings.csv" }, { "movies.csv" }, .both = true },
    { "csv", &delimited, &delimited, COMMAS, COMMAS,
      { "*.inter.csv", "interactions.csv", "ratings.csv", "events.csv" },
      { "*.item.csv", "items.csv", "movies.csv" } },
    { "tsv", &delimited, &delimited, TABS, TABS,
      { "*.inter.tsv", "interactions.tsv", "ratings.tsv", "events.tsv" },
      { "*.item.tsv", "items.tsv", "movies.tsv" } },
    { "amazon", &json_lines, &json_lines,
      { .keys = amazon_reviews, .no_more = true },
      { .keys = amazon_items, .no_more = true, .entities = true },
      { "reviews_*.json", "*.jsonl", "*.json" }, { "meta_*.jsonl", "meta_*.json" },
      .both = true },
    { "amazon-ratings", &delimited, &json_lines, COMMAS,
      { .keys = amazon_items, .no_more = true, .entities = true },
      { "ratings_*.csv", "*.csv" }, { "meta_*.jsonl", "meta_*.json" }, .both = true },
    { "jsonl", &json_lines, &json_lines, { 0 }, { .grows = true },
      { "*.jsonl", "*.ndjson", "*.json" }, { "items.jsonl", "items.json" } },
    { "sasrec", &delimited, &delimited, { .separator = " ", .columns = pairs }, COMMAS,
      { "*.txt" }, { NULL }, .named = true },
};
const int layout_count = sizeof layouts / sizeof *layouts;

_Static_assert(sizeof layouts / sizeof *layouts + 2 <= LAYOUT_NAMES, "room for names");

void layout_list(const char *names[LAYOUT_NAMES])
{
    names[0] = "auto";
    for (int i = 0; i < layout_count; i++)
        names[1 + i] = layouts[i].name;
    names[1 + layout_count] = NULL;
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), k = strlen(end);

    return n >= k && strcmp(s + n - k, end) == 0;
}

/* The file's name without folders and without what a packer puts behind it. */
static char *bare_name(const char *path)
{
    static const char *const packed[] = { ".gz", ".zst", ".xz" };
    const char *base = strcmp(path, "-") == 0 ? "-" : file_base(path);

    for (size_t i = 0; i < sizeof packed / sizeof *packed; i++)
        if (ends_with(base, packed[i]))
            return mem_format("%.*s", (int)(strlen(base) - strlen(packed[i])), base);
    return mem_string(base);
}

/* What '*' stands for in a name that fits the pattern, a new string; NULL: no fit. */
static char *star_in(const char *name, const char *pattern)
{
    const char *star = strchr(pattern, '*');
    size_t before = star ? (size_t)(star - pattern) : 0, n = strlen(name);

    if (!star)
        return strcmp(name, pattern) == 0 ? mem_string("") : NULL;
    if (n <= before + strlen(star + 1) || strncmp(name, pattern, before) != 0 ||
        !ends_with(name, star + 1))
        return NULL;
    return mem_format("%.*s", (int)(n - before - strlen(star + 1)), name + before);
}

static char *stem_of(const char *path, const char *const *patterns)
{
    char *name = bare_name(path), *stem = NULL;

    for (; *patterns && !stem; patterns++)
        stem = star_in(name, *patterns);
    free(name);
    return stem;
}

/* folder/pattern with '*' replaced, packed or not, if there is such a file; or NULL. */
static char *there(const char *folder, const char *pattern, const char *stem)
{
    static const char *const behind[] = { "", ".gz", ".zst", ".xz" };
    const char *star = strchr(pattern, '*');
    int before = star ? (int)(star - pattern) : (int)strlen(pattern);

    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        char *path = mem_format("%s/%.*s%s%s%s", folder, before, pattern,
                                star ? stem : "",
                                star ? star + 1 : "", behind[i]);

        if (file_exists(path))
            return path;
        free(path);
    }
    return NULL;
}

/* The first of the patterns' files that is there, or NULL. */
static char *first_there(const char *folder, const char *const *patterns,
                         const char *stem)
{
    char *path = NULL;

    for (; *patterns && !path; patterns++)
        path = there(folder, *patterns, stem);
    return path;
}

/* The only file in the folder that fits one of the patterns with a star and none of those
 * in `but`, whatever its name; NULL: none or several. */
static char *only_one(const char *folder, const char *const *patterns,
                      const char *const *but)
{
    char *found = NULL;
    DIR *d = opendir(folder);
    struct dirent *entry;
    int count = 0;

    while (d && (entry = readdir(d))) {
        char *stem = stem_of(entry->d_name, patterns);
        char *other = but ? stem_of(entry->d_name, but) : NULL;

        if (stem && !other && *entry->d_name != '.') {
            free(found);
            found = count++ ? NULL : file_join(folder, entry->d_name);
        }
        free(stem);
        free(other);
    }
    if (d)
        closedir(d);
    return found;
}

/* The item file beside the interactions of that stem: Amazon's Beauty_5 are the reviews
 * of Beauty that are left when each user and item has 5. */
static char *items_beside(const struct layout *l, const char *folder, char *stem)
{
    char *items = first_there(folder, l->items, stem), *cut = strrchr(stem, '_');

    if (!items && l->both && cut && cut[1] && !cut[2]) {
        *cut = 0;
        items = first_there(folder, l->items, stem);
    }
    return items ? items : l->both ? only_one(folder, l->items, NULL) : NULL;
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

/* Does the folder have this layout's files? */
static bool fits_folder(struct layout_files *f, const struct layout *l,
                        const char *folder, bool asked)
{
    char *stem;

    f->interactions = first_there(folder, l->interactions, file_base(folder));
    if (!f->interactions && (asked || !l->named))
        f->interactions = only_one(folder, l->interactions, l->items);
    if (!f->interactions)
        return false;
    stem = stem_of(f->interactions, l->interactions);
    f->items = items_beside(l, folder, stem);
    free(stem);
    f->layout = l;
    if (f->items || !l->both || asked)
        return true;
    free(f->interactions);
    f->interactions = NULL;
    return false;
}

static int find_in_folder(struct layout_files *f, const char *path, const char *format,
                          struct error *e)
{
    char *folder = without_slash(path), *other = NULL;
    bool found = false, asked = strcmp(format, "auto") != 0;

    for (int i = 0; i < layout_count && !found; i++)
        if (!asked || strcmp(format, layouts[i].name) == 0)
            found = fits_folder(f, &layouts[i], folder, asked);
    if (!found)
        other = foreign_in_folder(folder);
    if (other)
        fail(e, "%s/%s: %s", folder, other, foreign_name(other));
    else if (!found)
        fail(e, "%s: no interactions in this folder, expected one file like %s.inter "
                "(recbole), %s.inter.csv or ratings.csv (csv), the same with .tsv, "
                "MovieLens's, or reviews and metadata as .jsonl or .json (amazon)",
             folder, file_base(folder), file_base(folder));
    free(folder);
    free(other);
    return found ? 0 : -1;
}

/* A file whose name fits no layout goes by its last letters; NULL: neither helps. */
static const struct layout *layout_of_file(const char *path, bool items)
{
    char *name = bare_name(path);
    const char *dot = strrchr(name, '.');
    const struct layout *found = NULL;

    for (int i = 0; i < layout_count && !found; i++) {
        const struct layout *l = &layouts[i];
        char *stem = stem_of(path, items ? l->items : l->interactions);

        if ((stem && (items || !l->both)) || (dot && strcmp(dot + 1, l->name) == 0))
            found = l;
        free(stem);
    }
    free(name);
    return found;
}

static const struct layout *layout_named(const char *format)
{
    for (int i = 0; i < layout_count; i++)
        if (strcmp(format, layouts[i].name) == 0)
            return &layouts[i];
    return NULL;
}

static int find_file(struct layout_files *f, const char *path, const char *format,
                     struct error *e)
{
    char *folder, *stem;

    f->layout = strcmp(format, "auto") == 0 ? layout_of_file(path, false)
                                            : layout_named(format);
    if (!f->layout && strcmp(path, "-") == 0)
        f->layout = layout_named("csv");
    if (!f->layout && foreign_name(path))
        return fail(e, "%s: %s", path, foreign_name(path));
    if (!f->layout)
        return fail(e, "%s: its name ends neither in .inter nor in .csv or .tsv: say "
                       "--format",
                    path);
    f->interactions = mem_string(path);
    folder = folder_of(path);
    stem = stem_of(path, f->layout->interactions);
    if (stem && strcmp(path, "-") != 0)
        f->items = items_beside(f->layout, folder, stem);
    free(folder);
    free(stem);
    return 0;
}

int layout_find(struct layout_files *f, const char *path, const char *format,
                const char *items, struct error *e)
{
    int got;

    *f = (struct layout_files){ 0 };
    got = file_is_folder(path) ? find_in_folder(f, path, format, e)
                               : find_file(f, path, format, e);
    if (got != 0)
        return -1;
    f->item_layout = f->layout;
    if (items) {
        const struct layout *own = layout_of_file(items, true);

        free(f->items);
        f->items = mem_string(items);
        if (own)
            f->item_layout = own;
        if (own && own->both && f->layout->kind == own->kind &&
            strcmp(format, "auto") == 0)
            f->layout = own; /* reviews beside Amazon's metadata */
    }
    return 0;
}

void layout_free(struct layout_files *f)
{
    free(f->interactions);
    free(f->items);
    *f = (struct layout_files){ 0 };
}
