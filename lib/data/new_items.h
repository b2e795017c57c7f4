/* Items that join a catalogue: the records of a file, in the catalogue's own columns. */
#ifndef DATA_NEW_ITEMS_H
#define DATA_NEW_ITEMS_H

#include "stream/tensor.h"
#include "util/error.h"

/* The texts of a catalogue: column 0 is the ids, all have the same rows. */
struct item_table {
    const char **name;          /* (columns): "id", "title", ... */
    const struct texts **texts; /* (columns), borrowed */
    int columns;
};

/* Reads a table with a header (.csv: commas and quotes, .item: RecBole's, else tabs)
 * into texts (c->columns), the catalogue's rows first: ids must be new,
 * columns must be the catalogue's; a column that the file lacks is empty.  An item that
 * the file has twice is its first record; *twice counts the others.  How many
 * items are new, or -1 and the reason.  Free each with texts_free. */
int64_t new_items_read(struct texts *texts, const char *path, const struct item_table *c,
                       int64_t *twice, struct error *e);

#endif
