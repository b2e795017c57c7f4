/* Evaluations of TREC's plain files, as trec_eval -c makes them:
 *
 *     qrels   QUERY 0 DOCUMENT RELEVANCE        relevant where it is above 0
 *     run     QUERY Q0 DOCUMENT RANK SCORE TAG
 *
 * Documents of a query are ranked by score, as a float, and where that is equal by the
 * name's bytes, the greater first; RANK is not looked at.  Every query of the qrels
 * counts, one that a run lacks as 0. */
#ifndef EVALUATION_TREC_READ_H
#define EVALUATION_TREC_READ_H

#include "evaluation/evaluation.h"

struct trec {
    struct texts queries; /* of the qrels, in the order of their bytes */
    int64_t *first;       /* (queries + 1): query q has judgements first[q].. */
    struct judgement *judgement;
    int32_t *user; /* (queries): 0, 1, ... */
    char *text; /* what names point into */
};

/* Reads the qrels at path into t.  Returns 0, or -1 and the reason in e, with file and
 * line.  Release t with trec_free. */
int trec_read_qrels(struct trec *t, const char *path, struct error *e);
void trec_free(struct trec *t);

/* Begins an evaluation of the queries as users, without chance.  The caller has set
 * metric, metrics, resamples and seed.  No metric is of lists. */
void trec_begin(struct evaluation *v, const struct trec *t, const char *split);

/* Adds the run at path under its tag.  Returns 0, or -1 and the reason in e. */
int trec_add_run(struct evaluation *v, const struct trec *t, const char *path,
                 struct error *e);

#endif
