/* Where the files of a data set are, and how their columns are called. */
#ifndef DATA_LAYOUT_H
#define DATA_LAYOUT_H

#include "data/delimited.h"

struct layout {
    const char *name; /* as --format has it */
    struct dialect dialect;
    /* File names, '*' is the data set's name; the interactions' and the items'. */
    const char *interactions[4], *items[4];
};

extern const struct layout layouts[];
extern const int layout_count;

/* Finds the files below path, which is a folder or the file of interactions, in
 * the layout of that name or whichever fits ("auto").  *interactions and *items
 * (NULL: there is no such file) are new strings.  NULL and the reason in e. */
const struct layout *layout_find(const char *path, const char *format,
                                 char **interactions, char **items, struct error *e);

#endif
