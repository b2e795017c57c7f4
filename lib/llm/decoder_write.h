/* Writes a decoder as one GGUF file, a few rows at a time: neither source nor result
 * is ever in memory as a whole.
 *
 * Matrices get the type asked for, but where it has 4 bits the token table and the head
 * become Q8_0; norms, biases and learned positions stay F32.  Where a row is no whole
 * number of the type's blocks, the matrix becomes F16, as llama.cpp has it, or from a K
 * type, whose blocks have 256 numbers, Q8_0.  What is of
 * its type already is copied as it is.  Rows of Q and K of rotary models are put into
 * llama.cpp's order. */
#ifndef LLM_DECODER_WRITE_H
#define LLM_DECODER_WRITE_H

#include "formats/gguf_write.h"
#include "llm/decoder_load.h"

#include <stdint.h>

struct decoder_write;

/* Declares the keys of a model of this config, most of its matrices of `type`. */
void decoder_write_config(struct gguf_writer *w, const struct decoder_config *c,
                          enum quant_id type, const char *name);

/* Of f, which must outlive it; declares all values and tensors to w.  Release with
 * decoder_write_free. */
struct decoder_write *decoder_write_new(const struct decoder_file *f, enum quant_id type,
                                        const char *name, struct gguf_writer *w);
void decoder_write_free(struct decoder_write *d);

/* How many tensors, and how many of them fell back to F16, or from a K type to Q8_0. */
int decoder_write_tensors(const struct decoder_write *d);
int decoder_write_fallen(const struct decoder_write *d);

/* The data of tensor i, in parallel, each once and in order, after gguf_writer_begin:
 * 0, or -1 and the reason: also for a number that is not finite or that the type cannot
 * hold. */
int decoder_write_tensor(struct decoder_write *d, int i, struct error *e);

/* A model of the shape of a config.json, its weights random as Hugging Face's code
 * draws them: matrices of standard deviation initializer_range or init_std (.02), norms
 * 1, biases 0.  Draws are sums of four uniform ones, which are nearly normal.  0, or -1
 * and the reason; release with decoder_file_close. */
int decoder_file_random(struct decoder_file *f, const char *config, uint64_t seed,
                        struct error *e);

#endif
