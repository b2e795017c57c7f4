/* Evaluations of what a stream holds: candidates joined with the truth and with every
 * scorer's scores of them, all checked to belong together. */
#ifndef EVALUATION_JUDGE_H
#define EVALUATION_JUDGE_H

#include "evaluation/evaluation.h"
#include "history/warmth.h"
#include "stream/filter.h"

/* Of drawn candidates and of all items, a split each; and of sets of labels. */
enum { JUDGED_TABLES = 10, JUDGED_LABELS = 4 };

/* What all tables share. */
struct judge {
    const struct metric *metric; /* (metrics) */
    int metrics;
    int resamples;
    uint64_t seed;
    enum cluster cluster;
    bool pool;         /* scorers NAME@RUN are runs of NAME */
    const char *group; /* "" for none, "warmth", or a tensor's name */
    struct warmth_rule warmth;
    bool item_ids;     /* keeps them */
    const struct popularity *popularity; /* set where a metric is of lists, to of_items */
    struct popularity of_items;
    struct metric *of_labels; /* those of labels, or NULL; made by judge_labels */
};

/* Tells f to keep all that judge_all looks at. */
void judge_keep(const struct judge *j, struct filter *f);

/* Fills v, validation first, for every split that a scorer scored, and for every split
 * whose items a scorer ranked.  Where all metrics are of lists, which need no truth, also
 * for what comes next.  Returns how many.  Ends the program where something is missing or
 * does not belong together. */
int judge_all(struct judge *j, struct filter *f, struct evaluation v[JUDGED_TABLES]);

/* Frees what judge_all made for v. */
void judge_free(struct judge *j);

/* Returns the original user ids, which f owns, or NULL where there are none. */
const struct texts *judge_user_ids(struct filter *f);

#endif
