/* A language model with its tokenizer, from a GGUF file or a Hugging Face folder. */
#ifndef LLM_LLM_H
#define LLM_LLM_H

#include "llm/decoder.h"
#include "text/bpe.h"

#include <stdint.h>

struct llm {
    struct decoder *model;
    struct bpe *bpe;
};

/* Finds the model by name or path (file_find) and loads it: 0, or -1 and the reason,
 * which names the file.  precision is that of its products; bf16 falls back to f32,
 * with a word on stderr, where the processor lacks it.  Release with llm_close. */
int llm_open(struct llm *m, const char *name, enum frozen_precision precision,
             struct error *e);
void llm_close(struct llm *m);

/* Says on stderr how many rows this process has run forward through language models.
 * Rows are tokens and soft tokens, each once where it is shared. */
void llm_say_rows(void);

/* Digests the files of a model by name or path, which tells it from another of the same
 * name and size (llm.c says what is read).  Returns 0, or -1 and the reason in
 * e. */
int llm_digest(const char *name, uint64_t *digest, struct error *e);

/* The tokenizer alone, of a file or folder by its path: NULL and the reason, or free
 * with bpe_free. */
struct bpe *llm_tokenizer(const char *path, struct error *e);

#endif
