/* A workspace of the LLM for each thread, kept from one call to the next: memory is
 * taken once, not zeroed and given back at every step. */
#ifndef LLM_DECODER_POOL_H
#define LLM_DECODER_POOL_H

#include "llm/decoder.h"

struct decoder_pool;

/* Whether a backward pass keeps all of the forward pass, or recomputes its layers;
 * auto: recomputes where keeping would take a quarter of the machine's memory.  The
 * results are the same. */
enum recompute { RECOMPUTE_AUTO, RECOMPUTE_NO, RECOMPUTE_YES };

extern const char *const recompute_names[]; /* closed by NULL */

/* Room for as many threads as OpenMP may use; free with decoder_pool_free. */
struct decoder_pool *decoder_pool_new(enum recompute recompute);
void decoder_pool_free(struct decoder_pool *p);

/* The calling thread's workspace, made anew where it is too small, to be handed back
 * with decoder_pool_give.  Without a pool (p NULL) a fresh one, which is then freed. */
struct decoder_workspace *decoder_pool_take(struct decoder_pool *p,
                                            const struct decoder *m, int rows, int wanted,
                                            bool backward);
void decoder_pool_give(struct decoder_pool *p, struct decoder_workspace *w);

#endif
