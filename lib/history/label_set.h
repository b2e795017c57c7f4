/* Sets of labels to choose among in a stream, as label-count makes them:
 *
 *     cand.NAME.user   i4, m      users
 *     cand.NAME.text   text, k    the labels, the same for all
 *     rel.NAME         f4, m x k  how often each is in the user's history
 *
 * Scores of them are score.NAME.SCORER, m x k. */
#ifndef HISTORY_LABEL_SET_H
#define HISTORY_LABEL_SET_H

#include "stream/row_part.h"

/* Borrowed from the filter: all rows of users, or a part of them. */
struct label_set {
    struct row_part part;
    char digest[DIGEST_TEXT]; /* of rel.NAME, whole */
    const int32_t *user;      /* (rows of the part), below users */
    const struct texts *label;
};

/* Fills s with the set called name, from what f has kept of "cand.*" and "rel.*".  Ends
 * the program where the set is missing or wrong, or a user is not below users. */
void label_set_take(struct label_set *s, struct filter *f, const char *name,
                    int64_t users);

#endif
