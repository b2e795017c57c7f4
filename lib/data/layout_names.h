/* Files by patterns of their names, in which '*' is the data set's name.  A name fits
 * also with .gz, .zst or .xz behind it, what gzip, zstd or xz have packed. */
#ifndef DATA_LAYOUT_NAMES_H
#define DATA_LAYOUT_NAMES_H

#include <stdbool.h>

/* Returns the file's name without folders and without what a packer puts behind it, a new
 * string. */
char *layout_names_bare(const char *path);

/* Returns what '*' stands for in the first of the patterns (closed by NULL) that the
 * file's name fits, a new string; "" where that pattern has no star; NULL: none fits. */
char *layout_names_stem(const char *path, const char *const *patterns);

/* Does the file's name fit one of the patterns with this for '*'?  stem "": one that has
 * no star. */
bool layout_names_is(const char *path, const char *const *patterns, const char *stem);

/* Returns the path of the first file in the folder that is one of the patterns' with stem
 * for '*', a new string; NULL: none is there. */
char *layout_names_first(const char *folder, const char *const *patterns,
                         const char *stem);

#endif
