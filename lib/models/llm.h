/* A language model with its tokenizer, from a GGUF file or a Hugging Face folder. */
#ifndef MODELS_LLM_H
#define MODELS_LLM_H

#include "models/llama.h"
#include "text/bpe.h"

struct llm {
    struct llama *model;
    struct bpe *bpe;
};

/* 0, or -1 and the reason (which names the file); release with llm_close. */
int llm_open(struct llm *m, const char *path, struct error *e);
void llm_close(struct llm *m);

#endif
