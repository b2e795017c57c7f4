/* Tables of text for people: cells row by row, columns as wide as they need. */
#ifndef UTIL_TABLE_H
#define UTIL_TABLE_H

#include <stddef.h>
#include <stdio.h>

/* Starts with its number of columns and the rest zero. */
struct table {
    char **cell; /* owned */
    int columns, cells, room;
};

/* Adds the next cell, which g owns from now on. */
void table_add(struct table *g, char *cell);

/* Write g's whole rows to out, with two spaces between columns, or as a Markdown table
 * whose first row is the head.  A cell of more than 100 characters does not widen its
 * column: its row alone is longer. */
void table_text(FILE *out, const struct table *g);
void table_markdown(FILE *out, const struct table *g);

/* Writes x with four decimals and without a leading 0 (".4560", "-.0123", "1.0000") into
 * text (size bytes), and returns text. */
const char *table_short_number(double x, char *text, size_t size);

/* Frees all cells. */
void table_free(struct table *g);

#endif
