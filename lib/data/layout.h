/* Where the files of a data set are, and how they are read: one row a format. */
#ifndef DATA_LAYOUT_H
#define DATA_LAYOUT_H

#include "data/records.h"
#include "history/history.h"

enum { LAYOUT_PATTERNS = 6 };

struct layout {
    const char *name; /* as --format has it */
    const struct records_kind *kind, *item_kind;
    struct dialect inter, item;
    /* File names, '*' is the data set's name; the interactions' and the items'.  What
     * gzip, zstd or xz have packed has .gz, .zst or .xz behind it. */
    const char *interactions[LAYOUT_PATTERNS], *items[LAYOUT_PATTERNS];
    /* More names of interactions, where none of those above is there: in a folder they
     * count beside items of the same data set's name. */
    const char *loose[LAYOUT_PATTERNS];
    /* Names of interactions in a file for each split, '%' being a word of split_words. */
    const char *parts[LAYOUT_PATTERNS];
    bool both;  /* a folder must have both files to be of this format */
    bool named; /* a folder's file must be named as the folder */
};

enum { LAYOUT_NAMES = 32 };

/* Fills names with "auto" and the name of each layout, in the order of the table; NULL
 * closes them. */
void layout_list(const char *names[LAYOUT_NAMES]);

extern const struct layout layouts[];
extern const int layout_count;

/* A data set's files and how each is read. */
struct layout_files {
    char *interactions, *items; /* new strings; items NULL: there is no such file */
    /* Where each split has a file: validation's and test's, by enum split; the training's
     * is above.  New strings, NULL: none. */
    char *parts[SPLITS];
    const struct layout *layout, *item_layout;
    char *note; /* what the user should know of the choice, a new string; or NULL */
};

#endif
