/* Candidates chosen elsewhere: a line for each user, its id and then the ids of
 * the items to rank, with tabs between. */
#ifndef CAND_CANDIDATE_FILE_H
#define CAND_CANDIDATE_FILE_H

#include "history/history.h"
#include "stream/tensor.h"

struct candidate_file {
    int rows, columns;
    int32_t *user; /* (rows), ascending */
    int32_t *item; /* (rows, columns) in the file's order, padded with -1 */
};

/* Reads and checks the file against the ids: users and items known, each user
 * once, a row's items distinct, the user's target of that split among them and no
 * other interaction of the user.  0, or -1 and the reason, which names the line.
 * Release with candidate_file_free, also after an error. */
int candidate_file_read(struct candidate_file *c, const char *path,
                        const struct texts *users, const struct texts *items,
                        const struct history *h, enum split split, struct error *e);
void candidate_file_free(struct candidate_file *c);

#endif
