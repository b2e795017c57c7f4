/* The interactions of a stream as a history, for every filter that reads them. */
#ifndef HISTORY_HISTORY_READ_H
#define HISTORY_HISTORY_READ_H

#include "history/history.h"
#include "stream/filter.h"

/* Keeps inter.user .item .time .split, user.id and item.id. */
void history_read_keep(struct filter *f);

/* The history in what was kept; its columns are borrowed from f.  Dies where
 * one is missing, of another length, or wrong.  Release with history_free. */
void history_read(struct filter *f, struct history *h);

/* The same for filters that know from elsewhere how many users and items there are,
 * and look at no times: keeps inter.user .item .split. */
void history_read_keep_bare(struct filter *f);
void history_read_bare(struct filter *f, struct history *h, int64_t users,
                       int64_t items);

/* Its columns (n), borrowed from f. */
struct history_columns {
    int64_t n;
    const int32_t *user, *item;
    const uint8_t *split;
};
struct history_columns history_read_columns(struct filter *f);

#endif
