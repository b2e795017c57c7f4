/* Log-likelihoods of continuations, no recommender needed: a line holds a prompt
 * and its candidates, divided by tabs. */
#ifndef PROMPT_CONTINUATIONS_H
#define PROMPT_CONTINUATIONS_H

#include "llm/llm.h"
#include "util/channel.h"

/* Reads lines from in and prints to stdout, for each, the candidates' log-likelihoods
 * under the prompt (natural logarithm, 6 decimals), tab-separated.  Prompt and
 * candidates are tokenised apart; the start token comes first where the model's
 * tokenizer adds one; no end token.  name is the input's, for messages.  0, or -1
 * and the reason. */
int continuations_score(const struct llm *llm, struct channel *in, const char *name,
                        struct error *e);

#endif
