/* What a model is asked about a list of candidates: their answers walked as a
 * trie, so that answers that begin alike share their beginning.
 *
 * Choosing is the part of that which ranks: at each node where the answers still
 * differ, a softmax over the tokens that go on from it.  A candidate's choice
 * probability is the product of these along its path; they sum to 1 over the
 * distinct answers.  Everything after the last fork is copying, and says nothing
 * about which candidate is better. */
#ifndef PROMPT_ANSWER_TRIE_H
#define PROMPT_ANSWER_TRIE_H

#include "prompt/token_tree.h"

enum score_norm { NORM_SUM, NORM_TOKEN, NORM_BYTE, NORM_CHOICE };

extern const char *const score_norm_names[]; /* closed by NULL */

/* Answers of one list: tokens of each. */
struct answer_trie {
    struct codes *list;
    int count, room;
};

void answer_trie_free(struct answer_trie *a);

/* One more answer, empty, to be filled; borrowed until the next one is added. */
struct codes *answer_trie_add(struct answer_trie *a);

/* Replaces what is there by the answers of the items. */
int answer_trie_build(struct answer_trie *a, const struct prompter *p, const int *items,
                      int count, struct error *e);

/* Tokens of the longest. */
int answer_trie_longest(const struct answer_trie *a);

/* One factor of a candidate's likelihood: a term, and the terms it competes with
 * where the answers fork (first == end: nowhere). */
struct trie_step {
    int candidate, term, first, end;
};

struct trie_plan {
    struct trie_step *steps;
    int count, room;
};

void trie_plan_free(struct trie_plan *p);

/* Appends to s, below its last segment, the rows that scoring all answers takes,
 * and their terms; NORM_CHOICE stops at the last fork. */
void trie_plan_all(struct trie_plan *plan, struct token_tree *s,
                   const struct answer_trie *a, enum score_norm norm);

/* Returns the log of the sum of exp over out[first .. end - 1]; -INFINITY of none. */
double trie_log_sum(const real *out, int first, int end);

/* score (count) from out, what decoder_logp gave for the terms of s.  bytes (count)
 * are the titles' lengths, for NORM_BYTE. */
void trie_score(double *score, const struct trie_plan *plan, const struct answer_trie *a,
                const real *out, enum score_norm norm, const size_t *bytes);

/* One example of training: the terms along the answer of the target. */
struct trie_path {
    struct trie_step *forks; /* where admissible answers differ */
    int fork_count, fork_room;
    int title_first, title_end; /* terms of the whole answer; empty without */
    double *label; /* of the forks' terms, in order: how likely each is to be right */
    int label_room, terms_first;
};

void trie_path_free(struct trie_path *p);

/* Appends the target's answer to s; admitted (count) are the candidates that
 * compete with it, the target among them.  with_title: also the log-likelihood of
 * the whole answer.  label (count) says how likely each candidate is to be right, and
 * is 0 where it does not compete; NULL: the target is. */
void trie_path_plan(struct trie_path *p, struct token_tree *s,
                    const struct answer_trie *a, const bool *admitted, int target,
                    bool with_title, const double *label);

/* What the model made of it. */
struct trie_result {
    double select; /* -log choice probability of the target */
    double soft;   /* the same of what the labels say, along the target's path */
    double title;  /* mean negative log-likelihood of the answer's tokens */
    bool right;    /* the target's token has the highest logit at every fork */
};

/* And weight (terms) += d(select_share * soft + title_share * title)/d out; without
 * labels soft is select. */
struct trie_result trie_path_loss(const struct trie_path *p, const real *out,
                                  double select_share, double title_share,
                                  real *weight);

#endif
