/* What the parts of trec_read.c share: reading, and judging what was read. */
#ifndef EVALUATION_TREC_PARTS_H
#define EVALUATION_TREC_PARTS_H

#include "evaluation/trec_read.h"

struct judgement {
    const char *query, *document;
    long relevance;
};

struct retrieved {
    const char *query, *document, *tag;
    float score;
    long line;
};

/* For sorting judgements: by query, then document. */
int trec_by_document(const void *a, const void *b);

/* Adds the run r (n, at least 1), sorted by query and the best first, as trec_add_run
 * does. */
void trec_judge(struct evaluation *v, const struct trec *t, const struct retrieved *r,
                int n);

#endif
