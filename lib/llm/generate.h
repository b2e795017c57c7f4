/* Texts that a language model writes, each behind a prompt of its own: several at a
 * time, so that the weights are read once for all of them.  A text does not depend on
 * the others. */
#ifndef LLM_GENERATE_H
#define LLM_GENERATE_H

#include "llm/decoder_pool.h"
#include "llm/llm.h"
#include "llm/sampler.h"

/* How all texts of a run are written, and what it has taken. */
struct generator {
    const struct llm *llm;
    struct sampler sampler;
    int max_tokens;         /* of a text; end-of-sequence ends it before */
    char **stop;            /* texts that end it and do not belong to it, then NULL */
    struct decoder_pool *workspaces;
    long prompt_rows, tokens;            /* read and written */
    double prompt_seconds, token_seconds;
};

struct generation {
    real *embeddings; /* (rows, embed_width) of the prompt; freed once it is read */
    int rows;         /* at least 1, at most the model's context */
    uint64_t key;     /* of the draws */
    char *text;       /* written: valid UTF-8, zero-terminated; the caller frees */
    size_t bytes;
    bool overflowed; /* the model's output was not finite: the text ends there */
};

/* Writes the text of each generation of list (count), all of them together, and adds what
 * that took to g. */
void generate(struct generator *g, struct generation *list, int count);

#endif
