/* What the LLM reads for one user, as a person reads it. */
#ifndef PROJECT_STAGE2_SHOW_H
#define PROJECT_STAGE2_SHOW_H

#include "project/stage2.h"

#include <stdio.h>

/* The option of the programs that show prompts, a list of users' ids; "": none. */
#define STAGE2_SHOW_OPTION(ids, instead)                                                 \
    { OPT_STRING, 0, "show-prompt", &(ids),                                              \
      "print the prompts of the users with these ids, A,B,..., " instead,                \
      .record = OPT_LOCAL }

/* Prints to out the prompt of a request, whose score is not looked at, and the answers of
 * its candidates, with the numbers of their tokens:
 *
 *     user ann, cand.test: a prompt of 45 tokens, 6 of them soft; the context has 2048
 *     | The films to choose from:
 *     | <item: Heat>Heat
 *     answers of 2 candidates, each behind the number of its tokens:
 *        3 | Heat<|im_end|>
 *
 * `whose` is what stands before the colon.  Without candidates there are no answers.
 * Returns how many items of the history had no room in the context, or -1 and the reason
 * in e. */
int stage2_show(FILE *out, const char *whose, const struct stage2 *s,
                const struct stage2_request *request, struct error *e);

#endif
