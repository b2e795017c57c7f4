/* Recommendations ready to be read: for each user the best items, their scores, and why.
 */
#ifndef RECOMMEND_RECOMMENDED_H
#define RECOMMEND_RECOMMENDED_H

#include "history/history.h"
#include "recommend/reasons.h"
#include "stream/tensor.h"

#include <stdint.h>
#include <stdio.h>

/* Scores of some rows of candidates, by several scorers. */
struct scored_rows {
    const int32_t *item;  /* (rows, columns), -1 pads; best first where nothing scores */
    int64_t columns;
    const char **name;    /* (scorers) */
    const float **score;  /* (scorers): (rows, columns), NaN where missing */
    int scorers, by;      /* the scorer that orders; -1: the candidates' own order */
};

/* What one user is recommended. */
struct recommended {
    const char *user;    /* id, borrowed */
    int count;
    int32_t *item;       /* (count), best first */
    float *score;        /* (count, scorers) */
    struct reason *why;  /* (count, whys) */
};

/* All of them. */
struct recommended_list {
    const struct texts *ids, *titles; /* of items; titles NULL: there are none */
    const char **scorer;              /* (scorers) */
    int scorers, by, whys;
    struct recommended *list;
    int count, room;
};

/* Adds to r the `most` candidates of s's row that scorer s->by scores highest.  Missing
 * scores come last, equal scores keep the candidates' order.  Each item gets r->whys
 * reasons out of history (n); u NULL gives none. */
void recommended_add(struct recommended_list *r, const char *user,
                     const struct scored_rows *s, int64_t row, int most,
                     const struct unit_vectors *u, const int32_t *history, int64_t n);
void recommended_free(struct recommended_list *r);

/* A table for people; lines with tabs between, after a header; one JSON object. */
enum recommended_format { RECOMMENDED_TEXT, RECOMMENDED_TSV, RECOMMENDED_JSON };

extern const char *const recommended_formats[]; /* of the enum, then NULL */

/* Prints r to out. */
void recommended_print(FILE *out, const struct recommended_list *r,
                       enum recommended_format format);

#endif
