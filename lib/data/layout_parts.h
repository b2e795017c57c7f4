/* Data sets whose interactions are in a file for each split: RecBole's benchmark files
 * NAME.train.inter, NAME.valid.inter and NAME.test.inter, train.csv and test.csv. */
#ifndef DATA_LAYOUT_PARTS_H
#define DATA_LAYOUT_PARTS_H

#include "data/layout.h"
#include "util/error.h"

/* Finds the set of such files in the folder: training's and at least one of the others.
 * Where there are several sets, the one of that name (NULL: none goes first).  Returns
 * whether there is one; where several might be it, or two files one split, false, and
 * `several` says so.  The paths are new strings. */
bool layout_parts_find(char *path[SPLITS], const struct layout *l, const char *folder,
                       const char *name, struct error *several);

/* Returns what '*' stands for in the name of a file of such a set, a new string; NULL:
 * the file at path is of none. */
char *layout_parts_stem(const struct layout *l, const char *path);

/* Returns whether the interactions found are such a set. */
bool layout_parts_are(const struct layout_files *f);

#endif
