/* Files that hold a table, but not as text: they are refused by their name, with what to
 * do. */
#ifndef DATA_FOREIGN_H
#define DATA_FOREIGN_H

#include <stddef.h>

/* What a file is that begins with these bytes (n), and what to do with it ("a parquet
 * file, which ..."); NULL: none of those that are known. */
const char *foreign_bytes(const unsigned char *p, size_t n);

/* The same by the end of its name. */
const char *foreign_name(const char *path);

/* The first file (by name) of the folder that has such a name, free with free(); NULL:
 * there is none. */
char *foreign_in_folder(const char *folder);

#endif
