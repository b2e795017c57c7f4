/* Cuts what has been kept so that `parallel --pipe` can deal it out: some rows of all
 * of it at a time. */
#ifndef STREAM_CUT_ROWS_H
#define STREAM_CUT_ROWS_H

#include "stream/filter.h"
#include "stream/store.h"

/* The attribute of a tensor or text that was cut: the digest of all its rows. */
#define CUT_WHOLE "whole"

/* Writes everything in s, rows at a time, interleaved; all get CUT_WHOLE.  Dies
 * where not all of it has as many rows. */
void cut_rows_put(struct filter *f, const struct store *s, int64_t rows);

#endif
