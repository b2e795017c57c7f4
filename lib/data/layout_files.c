#include "data/layout_files.h"

#include "data/foreign.h"
#include "data/json_lines.h"
#include "data/layout_folder.h"
#include "data/layout_names.h"
#include "data/layout_parts.h"
#include "util/file.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return mem_string(".");
    return slash == path ? mem_string("/")
                         : mem_format("%.*s", (int)(slash - path), path);
}

/* Does the file's name fit the layout's?  Items in JSON may be called as JSON's
 * interactions are. */
static bool fits(const struct layout *l, const char *path, bool items)
{
    char *stem = layout_names_stem(path, items ? l->items : l->interactions);
    bool found;

    if (!stem && items && l->item_kind == &json_lines && !l->both)
        stem = layout_names_stem(path, l->interactions);
    found = stem != NULL;
    free(stem);
    return found;
}

/* A file whose name fits no layout goes by its last letters; NULL: neither helps. */
static const struct layout *layout_of_file(const char *path, bool items)
{
    char *name = layout_names_bare(path);
    const char *dot = strrchr(name, '.');
    const struct layout *found = NULL;

    for (int i = 0; i < layout_count && !found; i++) {
        const struct layout *l = &layouts[i];

        if ((fits(l, path, items) && (items || !l->both)) ||
            (dot && strcasecmp(dot + 1, l->name) == 0))
            found = l;
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

/* The file's layout, and its item file, where one of those beside it must be it. */
static int find_file(struct layout_files *f, const char *path, const char *format,
                     bool named_items, struct error *e)
{
    struct error several = { "" };
    char *folder, *stem = NULL;

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
    if (strcmp(path, "-") != 0)
        f->items = layout_folder_items(f->layout, folder, path, true, &several);
    if (!f->items && !named_items && *several.text)
        f->note = mem_format("no item file: %s", several.text);
    else if ((stem = layout_parts_stem(f->layout, path)))
        f->note = mem_format("the files of other splits beside %s are not read: the "
                             "folder as the operand reads all", path);
    free(stem);
    free(folder);
    return 0;
}

int layout_files_find(struct layout_files *f, const char *path, const char *format,
                      const char *items, struct error *e)
{
    int got;

    *f = (struct layout_files){ 0 };
    got = strcmp(path, "-") != 0 && file_is_folder(path)
              ? layout_folder_find(f, path, format, items != NULL, e)
              : find_file(f, path, format, items != NULL, e);
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

void layout_files_free(struct layout_files *f)
{
    free(f->interactions);
    free(f->items);
    for (int s = 0; s < SPLITS; s++)
        free(f->parts[s]);
    free(f->note);
    *f = (struct layout_files){ 0 };
}
