/* Items that joined the catalogue after the models were trained (data-add): they stand
 * behind those that the models know, whose number the attribute "known" gives; likewise
 * users. */
#ifndef HISTORY_TRAINED_ROWS_H
#define HISTORY_TRAINED_ROWS_H

#include "stream/filter.h"

#include <stdint.h>

/* How many of the rows of that text or tensor, which has been kept, are of items that
 * the models know: all where it has no such attribute. */
int64_t trained_rows(struct filter *f, const char *name);

/* The digest of those rows: what it was before the others came. */
const char *trained_rows_digest(struct filter *f, const char *name,
                                const struct tensor *t, char text[DIGEST_TEXT]);

/* Dies where the vectors of that name lack those of new items: nothing to train on. */
void trained_rows_need_all(struct filter *f, const char *name);

/* The attribute for another tensor of rows of which `known` are so: key NULL where
 * all are.  Text is room for its value. */
struct attr trained_rows_attr(int64_t known, int64_t rows, char text[24]);

#endif
