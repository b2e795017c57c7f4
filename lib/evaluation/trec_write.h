/* Candidates and scores as TREC's plain files, which trec_eval and the like read (see
 * evaluation/trec_read.h).  Queries are users, documents items, by their original ids.
 *
 * trec_eval knows no ties: it ranks equal scores by the documents' names, which have
 * nothing to do with how good they are but perhaps with how popular.  So a run's SCORE
 * is the number of candidates behind this one in a strict order: by score, and among
 * equal or missing scores by a draw keyed by the seed, the user and the candidate. */
#ifndef EVALUATION_TREC_WRITE_H
#define EVALUATION_TREC_WRITE_H

#include "evaluation/evaluation.h"

struct trec_ids {
    const struct texts *user, *item; /* NULL: the numbers */
};

/* Writes the true items as qrels to path.  The file appears whole or not at all.  Returns
 * 0, or -1 and the reason in e. */
int trec_write_qrels(const struct evaluation *v, const struct trec_ids *ids,
                     const char *path, struct error *e);

/* Writes what the scorer `tag` gave, score (users, columns), as a run to path.  Users
 * without scores have no lines.  Sets *tied to the number of users with candidates whose
 * order was drawn.  Returns as trec_write_qrels. */
int trec_write_run(const struct evaluation *v, const struct trec_ids *ids,
                   const float *score, const char *tag, const char *path, int64_t *tied,
                   struct error *e);

#endif
