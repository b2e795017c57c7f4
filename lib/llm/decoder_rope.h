/* What divides rotation frequencies so that contexts grow longer. */
#ifndef LLM_DECODER_ROPE_H
#define LLM_DECODER_ROPE_H

#include "llm/decoder.h"

/* All divisors are (rotated / 2), new, the caller's to free; c has rope_theta. */

/* The same for all: positions are divided by `factor`. */
double *decoder_rope_linear(const struct decoder_config *c, double factor);

/* As Llama 3.1 has them: slow rotations are slowed by `factor`, fast ones are kept, those
 * that turn low to high times in `context` positions are blended; high > low. */
double *decoder_rope_llama3(const struct decoder_config *c, double factor, double low,
                            double high, double context);

/* YaRN (Peng et al. 2023): as above, blended along a ramp from the frequency that turns
 * `fast` times in `context` positions to that which turns `slow` times, both rounded to
 * whole places where `truncate` is set. */
double *decoder_rope_yarn(const struct decoder_config *c, double factor, double fast,
                          double slow, double context, bool truncate);

/* YaRN's magnitude: 0.1 weight ln factor + 1. */
double decoder_rope_yarn_magnitude(double factor, double weight);

/* What config.json's rope_theta and rope_scaling, or rope_parameters with both, ask for:
 * rope_theta, rotated, rope_magnitude and a shorter context of c, and *factors, NULL or
 * new.  0, or -1 and the reason. */
struct json_file;
int decoder_rope_hf(struct decoder_config *c, double **factors, const struct json_file *f,
                    struct error *e);

#endif
