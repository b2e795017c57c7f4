/* The text of each item, made of the columns item.* by a template. */
#ifndef SBERT_ITEM_TEXTS_H
#define SBERT_ITEM_TEXTS_H

#include "stream/row_part.h"
#include "text/slots.h"

/* Returns the texts of the rows that this run computes, to free with texts_free.  The
 * columns are what f has kept: {title} is item.title, {*} every column but item.id, title
 * first, with commas.  Rows are cut at multiples of block; *part says which rows they
 * are.  *known is how many of all items are not new (trained_rows.h).  Ends the program
 * where none of the template's columns is there. */
struct texts item_texts_fill(struct filter *f, const struct slots *s, int64_t block,
                             struct row_part *part, int64_t *known);

#endif
