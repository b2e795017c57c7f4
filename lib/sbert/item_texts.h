/* The text of each item, made of the columns item.* by a template. */
#ifndef SBERT_ITEM_TEXTS_H
#define SBERT_ITEM_TEXTS_H

#include "stream/row_part.h"
#include "text/slots.h"

/* The texts of the rows that this run computes, of what was kept: {title} is item.title,
 * {*} every column but item.id, title first, with commas.  Rows are cut at multiples of
 * block; *part tells which they are, *known how many of all are of items that are not new
 * (trained_rows.h).  Dies where none of the template's columns is there.  Free with
 * texts_free. */
struct texts item_texts_fill(struct filter *f, const struct slots *s, int64_t block,
                             struct row_part *part, int64_t *known);

#endif
