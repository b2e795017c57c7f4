/* A user's prompt as the LLM takes it: text and soft tokens as embeddings. */
#ifndef PROJECT_STAGE2_PROMPT_H
#define PROJECT_STAGE2_PROMPT_H

#include "project/stage2.h"

struct stage2_prompt {
    real *embeddings; /* (rows, embed_width) of the LLM; free */
    int rows;
    int dropped;      /* items of the history that had no room */
};

/* Makes the prompt of the example with candidates (count).  split is that of the
 * example's row; `reserve` rows of the context stay free behind the prompt.  Returns 0,
 * or -1 and the reason in e: the context has no room.  Free p->embeddings with free(). */
int stage2_prompt(struct stage2_prompt *p, const struct stage2 *s,
                  const struct example *example, enum split split, const int *candidates,
                  int count, int reserve, struct error *e);

#endif
