/* The guess: what the CF model expects of one list of candidates, said to the LLM as
 * soft tokens.
 *
 * A frozen LLM learns within minutes to find the candidate whose soft token equals the
 * one before the answer, and hardly learns to rank twenty by their dot products.  So a
 * guess token is a sum of the candidates' own soft tokens y_c (width),
 *
 *     g = L r / |r|,   r = sum_c w_c y_c,   L^2 = mean_c |y_c|^2,
 *
 * whose weights come from the CF scores s_c of the same list (item_scorer.h):
 *
 *     w_c = softmax(s / T)_c     T finite
 *     w_c = [c is the best]      T = 0
 *     w_c = s_c - mean s         T infinite: the order of all of them
 *
 * Or the guess is one candidate at a time (`each`): a hypothesis h, g = y_h, that is as
 * likely as the CF model says, p_h = softmax(s / T)_h, and the answer's probability is
 * the average over the hypotheses:
 *
 *     P(c) = sum_h p_h P_LLM(c | y_h).
 *
 * The guess is a function of x, the texts of the history before the row to predict (where
 * the scorer reads these), and the listed candidates, the same in training and in
 * scoring: no truth enters.  A candidate that has no score, such as an item added since,
 * has the mean of the others'. */
#ifndef PROJECT_GUESS_H
#define PROJECT_GUESS_H

#include "nn/real.h"
#include "prompt/prompt.h"
#include "prompt/slates.h"
#include "score/item_scorer.h"

#include <stdbool.h>

enum { GUESS_MOST = PROMPT_GUESSES }; /* tokens */

/* What all guesses of a run have in common. */
struct guess {
    int count;                      /* tokens; 0: no guess */
    double temperature[GUESS_MOST]; /* of each; INFINITY and 0 as above */
    const struct item_scorer *scorer; /* borrowed */
    const struct history *history; /* whose texts it may read; NULL: none; borrowed */
    const uint64_t *drawn; /* seed of the texts that random users have read, whoever they
                            * stand for; NULL: those of the history; borrowed */
    bool each;                        /* one hypothesis at a time; count is 1 */
};

/* "0.7,inf", "each" (T is 1) or "each:0.7" into g.  Returns 0, or -1 where an entry is no
 * number from 0 to inf or where there are more than GUESS_MOST of them. */
int guess_parse(struct guess *g, const char *text);

/* label (count): how likely each admitted candidate is to be right, a share `soft` by
 * softmax(s) of its scores s and the rest on `target` of the list; 0 elsewhere. */
void guess_labels(double *label, const struct guess *g, const struct example *u,
                  const int *candidate, const bool *admitted, int count, int target,
                  double soft);

/* p (count): how likely each admitted candidate is to be right, softmax(s / T) with the
 * first temperature; 0 elsewhere. */
void guess_belief(double *p, const struct guess *g, const struct example *u,
                  const int *candidate, const bool *admitted, int count);

/* One user's guess about one list of count candidates. */
struct guess_row {
    int count;
    int *slot;    /* (count) rows of y; -1: takes no part */
    real *weight; /* (tokens, count) */
};

/* Fills r from the user u, whose target is not looked at, the candidates' items (count),
 * and their rows in y (count), slot.  admitted (count) says which candidates take part;
 * NULL: all of them.  Release with guess_row_free. */
void guess_row_new(struct guess_row *r, const struct guess *g, const struct example *u,
                   const int *candidate, const int *slot, const bool *admitted,
                   int count);
void guess_row_free(struct guess_row *r);

/* Fills r, of one token, with the hypothesis that candidate h (of count) is right. */
void guess_row_hypothesis(struct guess_row *r, const int *slot, int count, int h);

/* out (tokens, width) from the soft tokens y (rows, width). */
void guess_forward(real *out, const struct guess_row *r, int tokens, const real *y,
                   int width);

/* Adds to dy (rows, width) from dout (tokens, width). */
void guess_backward(real *dy, const struct guess_row *r, int tokens, const real *y,
                    const real *dout, int width);

#endif
