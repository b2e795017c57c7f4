/* A sentence-transformers folder as one function from text to vector: prompt, tokens, an
 * model (sentence_model.h), pooling over a text's tokens, and what modules.json
 * lists behind it.  A folder without modules.json gets the mean and nothing more, as
 * sentence-transformers does. */
#ifndef SBERT_SENTENCE_ENCODER_H
#define SBERT_SENTENCE_ENCODER_H

#include "frozen/frozen.h"
#include "stream/tensor.h"
#include "util/error.h"

/* Texts that are computed together: a row's bits depend on its block alone, and blocks
 * are counted from row 0. */
enum { ENCODER_BLOCK = 64 };

typedef struct sentence_encoder sentence_encoder;

/* Opens the encoder in folder, to free with sentence_encoder_free.  prompt is the name of
 * one of the folder's prompts, which then stands before every text; "": none; NULL: the
 * folder's default.  max_length is the most tokens of a text, start and end token
 * included; 0: as many as the model's own files allow.  precision is FROZEN_REAL or, for
 * products of bfloat16 with a word on stderr where the processor has none, FROZEN_BF16.
 * Returns NULL and the reason in e where the folder is no such encoder. */
sentence_encoder *sentence_encoder_open(const char *folder, const char *prompt,
                                        int max_length, enum frozen_precision precision,
                                        struct error *e);
void sentence_encoder_free(sentence_encoder *s);

/* Return the width of a vector, and the most tokens of a text. */
int sentence_encoder_width(const sentence_encoder *s);
int sentence_encoder_max_length(const sentence_encoder *s);

/* Called now and then with the number of texts done, by one thread at a time. */
typedef void encoder_watch(int64_t done, void *data);

/* Writes the vectors of texts into out (texts, width).  Blocks of texts, counted from row
 * 0, run in parallel, so that the result is the same at any number of threads.  Returns
 * how many texts were longer than max_length and lost their end, or -1 and the reason in
 * e where a text is not valid UTF-8 or its vector not finite.  watch may be NULL. */
int64_t sentence_encoder_encode(const sentence_encoder *s, float *out,
                                const struct texts *texts, encoder_watch *watch,
                                void *data, struct error *e);

#endif
