/* Figures of what scorers are worth: their metrics, where the truth stands in their
 * rankings, and whether their scores mean what they say. */
#ifndef PLOT_SCORERS_H
#define PLOT_SCORERS_H

#include "evaluation/evaluation.h"
#include "plot/figure.h"
#include "stream/filter.h"

enum { CALIBRATION_BINS = 10 };

/* Which evaluations and scorers are drawn. */
struct scorers_choice {
    const char *split; /* "test"; "": test where there is one, or all that is there */
    const char *names; /* "cf,llm", "": all */
};

/* Metrics as bars with their intervals, chance beside them. */
void scorers_metrics(struct figure *f, const struct evaluation *v, int count,
                     const struct scorers_choice *c);

/* The share of users whose truth has each rank; of all items, each range of ranks. */
void scorers_ranks(struct figure *f, const struct evaluation *v, int count,
                   const struct scorers_choice *c);

/* The softmax of a user's scores gives the best item a probability; of users with like
 * probabilities, how many are right.  Up to CALIBRATION_BINS bins of as many users each,
 * with 95 % intervals (Wilson), and the expected calibration error (Guo and others 2017).
 * Tables of all items have no scores: left out.  in: the stream that was evaluated. */
void scorers_calibration(struct figure *f, struct filter *in, const struct evaluation *v,
                         int count, const struct scorers_choice *c);

/* "test: 200 users, 20 uniform candidates" as a new string. */
char *scorers_title(const struct evaluation *v);

/* Is the evaluation, is its scorer drawn? */
bool scorers_has_table(const struct scorers_choice *c, const struct evaluation *v,
                       int count, int i);
bool scorers_has(const struct scorers_choice *c, const char *name);

#endif
