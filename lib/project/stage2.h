/* Stage 2: soft tokens in the prompt of a frozen LLM, and the gradient of what it
 * says with respect to the projections that made them. */
#ifndef PROJECT_STAGE2_H
#define PROJECT_STAGE2_H

#include "llm/decoder_pool.h"
#include "llm/llm.h"
#include "project/guess.h"
#include "project/item_words.h"
#include "project/projector.h"
#include "prompt/answer_trie.h"
#include "prompt/slates.h"

/* A projection takes its inputs as (x - mean) * scale; mean NULL: as they are. */
struct standardise {
    real *mean, *scale; /* (in) */
};

/* Sets s to what gives vectors (n, in) mean 0 and deviation 1.  Leaves out rows that
 * begin with NaN.  Release s with standardise_free. */
void standardise_of(struct standardise *s, const float *vectors, int64_t n, int in);

/* Sets s likewise for a mixture: a share of vectors like b (n, in), the rest like a
 * (n, in). */
void standardise_of_both(struct standardise *s, const float *a, const float *b,
                         double share, int64_t n, int in);
void standardise_free(struct standardise *s);

/* Standardises one row `from` (in) into `to` (in).  s->mean NULL: copies the row. */
void standardise_apply(real *to, const struct standardise *s, const float *from, int in);

/* What all prompts share.  Vectors are borrowed; x of a user without one is NULL. */
struct stage2 {
    const struct llm *llm;
    struct prompter prompter;
    const struct history *history; /* NULL: prompts without history */
    int history_length;            /* items of it in a prompt */
    const float *items;            /* (items, item.in): joint vectors */
    const float *texts;            /* (items, item.in), in training, where mix > 0 */
    double mix;                    /* share of items that stand for their texts */
    int item_count;
    const struct texts *item_ids;  /* for messages; NULL: there are none */
    struct guess guess;            /* count 0: none */
    double calibrate;              /* share of the LLM's liking that scores are without */
    struct item_words words;       /* of items' soft tokens; count 0: none */
    double soft_labels;            /* share of the labels that is the guess's */
    struct params params;          /* of both projectors */
    struct projector user, item;
    struct standardise user_standard, item_standard;
    struct decoder_pool *workspaces; /* NULL: none are kept */
};

/* Runs lists (count) in parallel, each by itself and in one rank (ranks/ranks.h), and
 * fills result (all their examples, in order).  Adds to grad, an arena like s->params or
 * NULL, the gradient of the mean over all examples of select_share * select +
 * title_share * title.  Returns the number of history items that the context had no room
 * for, or -1 and the reason in e. */
long stage2_run(const struct stage2 *s, const struct slate *lists, int count,
                double select_share, double title_share, struct trie_result *result,
                real *grad, struct error *e);

/* One user's candidates, none of them marked. */
struct stage2_request {
    struct example example; /* target not looked at */
    enum split split;       /* of the row: how much history there is */
    const int *candidate;   /* (count) */
    int count;
    double *score;          /* (count), written */
};

/* Fills the scores of requests (count), a block of users at a time, in parallel.  Where
 * the guess is one hypothesis h at a time, they are calibrated: with X = s->calibrate,
 *
 *     score_c = log sum_h p_h P(c | y_h) - X log mean_h P(c | y_h),
 *
 * so that a candidate that the LLM likes whatever the prompt says gains nothing from that
 * (Zhao et al. 2021, Calibrate Before Use; there the prompts that are compared with have
 * no content).  Returns the number of history items that the context had no room for, or
 * -1 and the reason in e. */
long stage2_score(const struct stage2 *s, const struct stage2_request *requests,
                  int count, enum score_norm norm, struct error *e);

/* Writes the user's own part of a prompt with candidates (count) into out.  The part has
 * as much history as the model's context leaves room for beside `other` rows, those of
 * the common part and of the longest answer.  split is that of the example's row.
 * Returns how many history items had no room, or -1 and the reason in e. */
int stage2_user_prompt(struct codes *out, const struct stage2 *s,
                       const struct example *example, enum split split,
                       const int *candidates, int count, int other, struct error *e);

/* Writes a request's prompt and its candidates' answers.  shared gets the part that all
 * users of the list have, own the user's part behind it; both may be the same codes.
 * Returns as stage2_user_prompt, and fails where the prompt is empty.  Release all three
 * in either case. */
int stage2_request_codes(struct codes *shared, struct codes *own,
                         struct answer_trie *answers, const struct stage2 *s,
                         const struct stage2_request *request, struct error *e);

/* Fails with the reason that prompt and answer need so many rows, more than the model's
 * context has, and with the longest title of items (count), if there is one. */
int stage2_no_room(const struct stage2 *s, const int *items, int count, int need,
                   struct error *e);

#endif
