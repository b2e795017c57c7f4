/* Where the truth stands among a user's candidates, and what that is worth.
 * Ties: the truth stands somewhere in its group of equal scores, each place as
 * likely, and every metric is its mean over these places.  So a scorer that
 * gives everything the same score gets exactly chance, and an oracle 1. */
#ifndef METRICS_METRIC_H
#define METRICS_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `above` candidates score higher than the truth, `tied` the same, the truth
 * included: it stands at one of above + 1 .. above + tied. */
struct place {
    int above, tied;
    bool scored; /* false: no candidate has a score, and every metric is 0 */
    bool missed; /* the truth is no candidate, and every metric is 0 */
};

/* Every metric: its value of enum metric_kind, its name of --measures, and what else its
 * struct metric_row (metric_row.h) holds.  A new metric is a function in metric.c, or in
 * metric_toplist.c where it looks at lists, and a row here. */
#define METRIC_ROWS(ROW)                                                                 \
    ROW(METRIC_HR, "hr", .cut = true, .worth = one, .judged = any_relevant)              \
    ROW(METRIC_NDCG, "ndcg", .cut = true, .worth = discount, .judged = gain_share)       \
    ROW(METRIC_MRR, "mrr", .worth = reciprocal, .rest = reciprocals,                     \
        .judged = first_reciprocal)                                                      \
    ROW(METRIC_RECALL, "recall", .cut = true, .worth = one, .judged = relevant_share)    \
    ROW(METRIC_MAP, "map", .cut = true, .worth = reciprocal, .judged = mean_precision)   \
    ROW(METRIC_COVERAGE, "coverage", .cut = true, .whole = &metric_toplist_coverage)     \
    ROW(METRIC_NOVELTY, "novelty", .cut = true, .item = metric_toplist_novelty)          \
    ROW(METRIC_POPBIAS, "popbias", .cut = true, .item = metric_toplist_popbias)

#define METRIC_VALUE(kind, ...) kind,
enum metric_kind { METRIC_ROWS(METRIC_VALUE) METRICS };
#undef METRIC_VALUE

/* All names, " hr ndcg mrr", for a line of --help. */
#define METRIC_WORD(kind, word, ...) " " word
#define METRIC_WORDS METRIC_ROWS(METRIC_WORD)

/* hr@k and so on; mrr's k is 0. */
struct metric {
    enum metric_kind kind;
    int k;
};

/* Return whether the kind is of the list of the first k, whatever the truth; and whether
 * it is of all users together, so that no user has a value. */
bool metric_is_toplist(enum metric_kind kind);
bool metric_is_whole(enum metric_kind kind);

/* Writes all names, "hr, ndcg or mrr", into text, and returns text. */
enum { METRIC_NAMES_TEXT = 256 };
const char *metric_kind_names(char text[METRIC_NAMES_TEXT]);

extern const char *const metric_kind_list[METRICS + 1]; /* "hr", ..., then NULL */

/* Return the kind's name, "hr"; whether the kind takes a cut-off; and the kind of that
 * name (length bytes), or -1. */
const char *metric_kind_name(enum metric_kind kind);
bool metric_has_cut(enum metric_kind kind);
int metric_kind_find(const char *name, size_t length);

/* Returns the place by score (columns) of the candidate in column truth.  NaN is a
 * missing score, which ranks behind every number and ties with other NaNs.  Columns whose
 * item (columns) is below 0 are padding and do not count.  truth -1 is a missed one. */
struct place metric_place(const float *score, const int32_t *item, int columns,
                          int truth);

/* Returns the place that a scorer without any knowledge gives a truth among the
 * candidates: all of them tied. */
struct place metric_place_by_chance(const int32_t *item, int columns);

/* Returns the mean rank over the places that p covers, from 1. */
double metric_mean_rank(struct place p);

/* Returns the metric's mean over the places that p covers, within [0, 1]:
 *   hr@k    1 where rank <= k (with one truth a user this is also recall@k)
 *   ndcg@k  1 / log2(rank + 1) where rank <= k (the ideal is 1)
 *   mrr     1 / rank
 *   recall@k, map@k  with one truth a user hr@k, and 1 / rank where rank <= k */
double metric_value(struct metric m, struct place p);

/* One ranking of which several things may be relevant, as files of TREC judge them. */
struct judged {
    const long *found; /* (n): the relevance of each, the best first */
    const long *ideal; /* (relevant): all that are above 0, the greatest first */
    int n, relevant;
};

/* Returns the metric of such a ranking, or 0 where nothing relevant is found within the
 * cut-off.  m is no metric of lists. */
double metric_judged_value(struct metric m, const struct judged *j);

/* metric_name writes "hr@10" into text (size bytes), and returns text.  metric_parse
 * reads the metric from text, and returns 0, or -1 where text names no metric. */
const char *metric_name(struct metric m, char *text, int size);
int metric_parse(const char *text, struct metric *m);

#endif
