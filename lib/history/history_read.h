/* The interactions of a stream as a history, for every filter that reads them. */
#ifndef HISTORY_HISTORY_READ_H
#define HISTORY_HISTORY_READ_H

#include "history/history.h"
#include "stream/filter.h"

/* Tells f to keep inter.user .item .time .split, user.id and item.id. */
void history_read_keep(struct filter *f);

/* Makes h from what f has kept, and borrows its columns.  Ends the program where a column
 * is missing, of another length, or wrong.  Release h with history_free. */
void history_read(struct filter *f, struct history *h);

/* The two for filters that know from elsewhere how many users and items there are, and
 * look at no times: f keeps inter.user .item .split alone. */
void history_read_keep_bare(struct filter *f);
void history_read_bare(struct filter *f, struct history *h, int64_t users,
                       int64_t items);

/* The columns of a history (n), borrowed from f. */
struct history_columns {
    int64_t n;
    const int32_t *user, *item;
    const uint8_t *split;
};
struct history_columns history_read_columns(struct filter *f);

#endif
