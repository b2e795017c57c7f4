/* A data set's files in a folder. */
#ifndef DATA_LAYOUT_FOLDER_H
#define DATA_LAYOUT_FOLDER_H

#include "data/layout.h"
#include "util/error.h"

/* Finds a folder's files in the layout of that name or the first that fits ("auto"), as
 * layout_files_find does.  Where the item file is named, several that might be it are no
 * matter. */
int layout_folder_find(struct layout_files *f, const char *path, const char *format,
                       bool named_items, struct error *e);

/* Returns the path of the item file in the folder that belongs to the interactions, a new
 * string.  NULL: there is none, or there are several of which one must be it, and
 * `several` says so, and what the user, who has named the interactions or not, can do. */
char *layout_folder_items(const struct layout *l, const char *folder,
                          const char *interactions, bool named, struct error *several);

#endif
