/* Cuts what has been kept so that `parallel --pipe` can deal it out: some rows of all
 * of it at a time. */
#ifndef STREAM_CUT_ROWS_H
#define STREAM_CUT_ROWS_H

#include "stream/filter.h"
#include "stream/store.h"

/* The attribute of a tensor or text that was cut: the digest of all its rows. */
#define CUT_WHOLE "whole"

/* Writes all tensors and texts of s into f, so many rows of each at a time, interleaved
 * and with the attribute CUT_WHOLE.  Ends the program where they have different numbers
 * of rows. */
void cut_rows_put(struct filter *f, const struct store *s, int64_t rows);

#endif
