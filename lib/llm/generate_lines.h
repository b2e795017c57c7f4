/* Written texts in and out: lines of text, where a new line, a tab, a carriage return and
 * a backslash are written \n, \t, \r and \\. */
#ifndef LLM_GENERATE_LINES_H
#define LLM_GENERATE_LINES_H

#include "llm/generate.h"
#include "util/channel.h"

/* "\n|User:" -> "\n", "User:", closed by NULL; \| is a bar.  NULL and the reason, or free
 * with generate_lines_stops_free. */
char **generate_lines_stops(const char *list, struct error *e);
void generate_lines_stops_free(char **stop);

/* Reads prompts, one a line, and prints to stdout what the model writes behind each, one
 * a line, `batch` of them together.  The start token comes first where the model's
 * tokenizer adds one; draws are keyed by the line's number.  name is the input's, for
 * messages.  0, or -1 and the reason. */
int generate_lines_answer(struct generator *g, struct channel *in, const char *name,
                          int batch, struct error *e);

/* Of `batch` texts, as many as a quarter of the machine's memory can hold at once if each
 * fills the model's context; at least 1. */
int generate_lines_batch(const struct llm *llm, int batch);

#endif
