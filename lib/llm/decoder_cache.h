/* Generating with a decoder: the keys and values of what has been said are kept, so
 * that each token more costs one row.  Several sequences go on together, a row each,
 * and the weights are read once for all of them.
 *
 *     fill     the rows of a prompt, as decoder_forward computes them
 *     step     one row more for each of some sequences, and the logits behind it
 *
 * A sequence's numbers do not depend on the others in its steps, nor on threads. */
#ifndef LLM_DECODER_CACHE_H
#define LLM_DECODER_CACHE_H

#include "llm/decoder.h"

struct decoder_cache;
struct decoder_stepper;

/* An empty sequence with room for so many rows; free with decoder_cache_free. */
struct decoder_cache *decoder_cache_new(const struct decoder *m, int room);
void decoder_cache_free(struct decoder_cache *c);

/* Bytes that one takes. */
size_t decoder_cache_need(const struct decoder_config *c, int room);

/* Rows in it: the position of the next one. */
int decoder_cache_rows(const struct decoder_cache *c);

/* Puts embeddings (n, embed_width) into an empty sequence, n may be 0; w has room for n
 * rows, one of them wanted.  Single-threaded: threads fill different sequences. */
void decoder_fill(const struct decoder *m, struct decoder_cache *c,
                  const real *embeddings, int n, struct decoder_workspace *w);

/* Memory for steps of at most so many sequences, none with room for more than that. */
struct decoder_stepper *decoder_stepper_new(const struct decoder *m, int sequences,
                                            int room);
void decoder_stepper_free(struct decoder_stepper *s);

/* Appends row i of embeddings (n, embed_width) to cache[i], all different and none full;
 * logits (n, vocab) of what follows each.  On all threads. */
void decoder_step(const struct decoder *m, struct decoder_stepper *s,
                  struct decoder_cache *const *cache, const real *embeddings, int n,
                  real *logits);

#endif
