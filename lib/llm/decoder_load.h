/* Models from files: GGUF and Hugging Face folders. */
#ifndef LLM_DECODER_LOAD_H
#define LLM_DECODER_LOAD_H

#include "llm/decoder.h"

/* The model of that path, a GGUF file or a Hugging Face folder, which stays mapped where
 * precision is a stored one.  Release with decoder_free.  NULL and the reason in e. */
struct decoder *decoder_load(const char *path, enum frozen_precision precision,
                             struct error *e);

/* The same of a Hugging Face folder for its hidden states alone: it need not have a head,
 * and one that it has is not read. */
struct decoder *decoder_load_body(const char *folder, enum frozen_precision precision,
                                  struct error *e);

/* In GGUF files: true where all weights are random. */
#define DECODER_RANDOM_KEY "millrace.random_weights"

/* A model's file or folder, mapped: what it is made from, and what llm-convert writes
 * from.  Norms, biases and matrices come from the source. */
struct decoder_file {
    struct decoder_config c;
    struct decoder_source source;
    bool random;               /* weights that say nothing, of llm-convert --random */
};

/* path is a GGUF file or a Hugging Face folder.  0, or -1 and the reason in e; release
 * with decoder_file_close. */
int decoder_file_open(struct decoder_file *f, const char *path, struct error *e);
int decoder_file_open_gguf(struct decoder_file *f, const char *path, struct error *e);
int decoder_file_open_hf(struct decoder_file *f, const char *path, struct error *e);
int decoder_file_open_body(struct decoder_file *f, const char *folder, struct error *e);
void decoder_file_close(struct decoder_file *f);

#endif
