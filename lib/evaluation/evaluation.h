/* Scores joined with the truth: every scorer's metrics on one set of candidates,
 * with intervals, and pairs of scorers compared. */
#ifndef EVALUATION_EVALUATION_H
#define EVALUATION_EVALUATION_H

#include "history/history.h"
#include "metrics/metric.h"
#include "metrics/metric_toplist.h"
#include "metrics/stats.h"
#include "stream/tensor.h"

#include <stdbool.h>
#include <stdint.h>

struct scorer {
    char *name;             /* "cf" */
    double *x;              /* (users, metrics): each user's, their means over runs */
    double *rank;           /* (users): the mean rank, NAN where a run has no score, or
                               the truth is missed */
    int *missing;           /* (users): runs that have no score at all */
    int runs;               /* 1, or what evaluation_pool put together */
    struct interval *value; /* (groups, metrics); low is NAN where there is no interval */
};

/* `name` minus `against`, on the same users. */
struct comparison {
    int first, second;           /* scorers */
    struct interval *difference; /* (groups, metrics) */
    double *p;                   /* (groups, metrics) */
};

/* What is drawn for intervals and flipped in tests: users with all of their rows, true
 * items with all of theirs, or both at once. */
enum cluster { CLUSTER_USER, CLUSTER_ITEM, CLUSTER_BOTH, CLUSTER_AUTO };
extern const char *const cluster_names[]; /* NULL closes */

/* Users that have rows of their own; the first group is always all users. */
struct group {
    char *name; /* "cold", "" for all */
    int64_t users;
    int64_t true_items;   /* different ones; 0 without a truth */
    enum cluster cluster; /* never AUTO: see evaluation/clusters.h */
};

struct evaluation {
    const char *split; /* "test", borrowed */
    char *protocol;    /* "20 uniform" */
    const struct popularity *popularity; /* where a metric is of lists; borrowed */
    int64_t users;         /* rows; several of one user stand next to each other */
    int64_t people;        /* different users */
    int columns;           /* candidates a user, the truth included; 0: all items */
    const int32_t *user;   /* (users), borrowed */
    const int32_t *item;   /* (users, columns), borrowed; below 0: padding; NULL: all */
    int *ranked;           /* (users): how many are ranked, where all items are */
    int *truth;            /* (users): its column of candidates, -1: missed; NULL: none */
    bool retrieved;        /* the candidates were found without the truth */
    int32_t *true_item;    /* (users), or NULL */
    int *group_of;         /* (users): its group, or 0; NULL where there are none */
    struct group *group;
    int groups; /* at least 1 once evaluation_begin has been called */
    const struct metric *metric;
    int metrics;
    int resamples;
    uint64_t seed;
    struct scorer *scorer; /* in order of appearance */
    int scorers;
    struct comparison *comparison;
    int comparisons;
    struct interval *chance; /* (groups, metrics), exact: low = high = mean */
    char **note;             /* lines that a reader must not miss */
    int notes;
};

/* Finds the truth of each row, as cand/truth.h says.  The caller has set users, columns,
 * user, item and retrieved, and ranked, which v owns from now on, where all items are
 * ranked.  ids (NULL: numbers) name users in messages.  Returns 0, or -1 and the reason
 * in e. */
int evaluation_join(struct evaluation *v, const struct history *h, enum split split,
                    const struct texts *ids, struct error *e);

/* Puts users into groups: of (users, copied) holds each user's group, from 0, or -1 for
 * none; name (count) names the groups.  Groups without users have no rows in tables.
 * Called after evaluation_join and before evaluation_begin. */
void evaluation_group(struct evaluation *v, const int *of, const char *const *name,
                      int count);

/* Computes chance.  The caller has set protocol, which v owns from now on, metric,
 * resamples and seed as well. */
void evaluation_begin(struct evaluation *v);

/* Add a scorer by its score (users, columns), or by its rank (users, RANK_COLUMNS: see
 * score/catalogue.h) among all items. */
void evaluation_add(struct evaluation *v, const char *name, const float *score);
void evaluation_add_ranks(struct evaluation *v, const char *name, const int32_t *rank);

/* Adds a scorer without scores, of which the caller fills x, rank and missing (all 0).
 * Returns the scorer, which v owns and moves when the next one is added. */
struct scorer *evaluation_add_empty(struct evaluation *v, const char *name);

/* Makes one scorer of those whose names differ only after the last '@', with the name
 * before it, in place of the first.  A user's metrics are the means over these runs. */
void evaluation_pool(struct evaluation *v);

/* Returns whether user u is in group g. */
bool evaluation_in_group(const struct evaluation *v, int64_t u, int g);

/* Returns the number of users of group g without any score, summed over all runs. */
int64_t evaluation_unscored(const struct evaluation *v, const struct scorer *s, int g);

/* Computes the intervals of all scorers and groups, from the same resamples of
 * clusters. */
void evaluation_finish(struct evaluation *v);

/* Adds the comparison of scorers i and j, with a test of so many rounds. */
void evaluation_compare(struct evaluation *v, int i, int j, int rounds);

/* Returns the number of the scorer of that name, or -1. */
int evaluation_find(const struct evaluation *v, const char *name);

/* Ends the program where none of the evaluations v (count) has scores of the scorer that
 * --OPTION names, with the name that was perhaps meant. */
void evaluation_needs(const struct evaluation *v, int count, const char *option,
                      const char *name);

/* Adds a line that stands below the table. */
void evaluation_note(struct evaluation *v, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes the m-th metric's name, "hr@10/20 uniform", into text (size bytes), and returns
 * text. */
const char *evaluation_metric(const struct evaluation *v, int m, char *text, int size);

/* Returns what the protocol calls retrieved candidates: "top 100 by cf". */
const char *evaluation_list(const struct evaluation *v);

void evaluation_free(struct evaluation *v);

#endif
