/* Items and users that came after the models were trained (data-add).  New rows stand
 * behind the rows that the models know; the attribute "known" is the number of these. */
#ifndef HISTORY_TRAINED_ROWS_H
#define HISTORY_TRAINED_ROWS_H

#include "stream/filter.h"

#include <stdint.h>

/* Returns how many rows of the text or tensor of that name, which f has kept, are of
 * items or users that the models know: all rows where there is no attribute "known". */
int64_t trained_rows(struct filter *f, const char *name);

/* Writes the digest of the rows that the models know into text, and returns text: the
 * digest that t, called name, had before new rows came. */
const char *trained_rows_digest(struct filter *f, const char *name,
                                const struct tensor *t, char text[DIGEST_TEXT]);

/* Ends the program where the vectors of that name are NaN for new items, so that there is
 * nothing to train on. */
void trained_rows_need_all(struct filter *f, const char *name);

/* Returns the attribute "known" of a tensor whose first `known` of rows are known; its
 * key is NULL where all are.  text is room for its value. */
struct attr trained_rows_attr(int64_t known, int64_t rows, char text[24]);

#endif
