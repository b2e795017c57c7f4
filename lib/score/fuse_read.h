/* What score-fuse combines, out of a stream. */
#ifndef SCORE_FUSE_READ_H
#define SCORE_FUSE_READ_H

#include "score/fuse.h"
#include "stream/filter.h"

/* One split's candidates and the parts' scores of them, standardised. */
struct fuse_split {
    struct fuse set;
    const char *split;         /* borrowed */
    const int32_t *user;       /* (users), borrowed from the filter */
    const struct tensor *item; /* (users, columns), borrowed */
};

/* Has the split scores of any of the parts? */
bool fuse_split_has(struct filter *f, const char *split, char *const *name, int parts);

/* Dies where candidates or the scores of a part are missing, score other candidates, or
 * are infinite. */
void fuse_split_take(struct fuse_split *s, struct filter *f, const char *split,
                     char *const *name, int parts);
void fuse_split_free(struct fuse_split *s);

/* The columns of the true items of the validation split; free with free(). */
int *fuse_split_truth(const struct fuse_split *s, struct filter *f);

#endif
