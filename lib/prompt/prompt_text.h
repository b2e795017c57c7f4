/* Prompts as people read them. */
#ifndef PROMPT_PROMPT_TEXT_H
#define PROMPT_PROMPT_TEXT_H

#include "prompt/prompt.h"

#include <stdio.h>

/* Prints the codes c to out as the LLM reads them, each line behind `begin`.  Soft tokens
 * are <user>, <guess>, or <guess 1> and so on where there are several, and <item: TITLE>
 * with the title that prompts have.  Special tokens stand there by their names.  Within a
 * line escape_print (util/escape.h) writes the text.  The last line is ended, too: codes
 * that end with a new line have an empty line behind it. */
void prompt_print(FILE *out, const struct prompter *p, const struct codes *c,
                  const char *begin);

/* Returns how many of the codes are soft tokens. */
int prompt_soft_count(const struct codes *c);

#endif
