/* Where a data set's files are: in a folder, or beside the file of interactions. */
#ifndef DATA_LAYOUT_FILES_H
#define DATA_LAYOUT_FILES_H

#include "data/layout.h"
#include "util/error.h"

/* Finds the files below path, which is a folder, the file of interactions, or "-" for
 * stdin, in the layout of that name or whichever fits ("auto"); items (NULL: beside the
 * interactions) is read by its own name's layout.  A file that is named as some layout's
 * items is no folder's interactions.  A folder in which several files fit one layout is
 * refused with their names; where they fit several layouts, f's note says so.
 * 0, or -1 and the reason.  Release with layout_files_free, also after an error. */
int layout_files_find(struct layout_files *f, const char *path, const char *format,
                      const char *items, struct error *e);
void layout_files_free(struct layout_files *f);

#endif
