/* The rows of a table that one step touches, each with a place of its own, so that
 * gradients of a large table take room for these rows alone. */
#ifndef CF_CF_TOUCHED_H
#define CF_CF_TOUCHED_H

#include <stdint.h>

struct cf_touched {
    int32_t *place; /* (rows of the table): -1, or the row's place */
    int32_t *row;   /* (count): the row at each place */
    long count, room;
};

/* Makes an empty set of a table of that many rows, with room for `room` of them or for
 * all, whichever are fewer.  Release it with cf_touched_free. */
void cf_touched_new(struct cf_touched *t, long rows, long room);
void cf_touched_free(struct cf_touched *t);

/* Makes the set empty again, in time of the rows that it has. */
void cf_touched_clear(struct cf_touched *t);

/* Replaces each of id (n) by its place, a new one where it has none yet; -1 stays.
 * Places count up in the order in which rows come. */
void cf_touched_add(struct cf_touched *t, int32_t *id, long n);

#endif
