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

/* Reads the file at path into c and checks it: users and items have ids, each user comes
 * once, the items of a row are distinct, and among them stands the user's target of the
 * split and no other interaction of the user in h.  Returns 0, or -1 and the reason in e,
 * which names the line.  Release c with candidate_file_free, also after an error. */
int candidate_file_read(struct candidate_file *c, const char *path,
                        const struct texts *users, const struct texts *items,
                        const struct history *h, enum split split, struct error *e);
void candidate_file_free(struct candidate_file *c);

#endif
