/* What a decoder's config asks for: read from files, checked, and the matrices that
 * follow from it. */
#ifndef LLM_DECODER_CONFIG_H
#define LLM_DECODER_CONFIG_H

#include "formats/gguf.h"
#include "formats/json_file.h"
#include "llm/decoder.h"

/* Place in llama.cpp's order of row r of Q and K of a rotary model: the two numbers
 * that are rotated together stand side by side there. */
int decoder_pair_row(int r, int head_dim);
int decoder_unpair_row(int r, int head_dim); /* the way back */

/* The config in config.json, checked: 0, or -1 and the reason.  *factors becomes NULL,
 * or what divides the rotation frequencies (rotated / 2), to be freed also after -1.
 * *tied: the head is the embedding table, by the config alone. */
int decoder_config_hf(struct decoder_config *c, double **factors, bool *tied,
                      const struct json_file *f, struct error *e);

/* Refuses a config.json of an architecture, or of a task, that is not computed here,
 * without regard to the rest: 0, or -1 and the reason. */
int decoder_config_hf_known(const struct json_file *f, struct error *e);

/* As decoder_config_hf, from a GGUF file's metadata; vocab is the number of token
 * embeddings. */
int decoder_config_gguf(struct decoder_config *c, const struct gguf *g, struct error *e);

/* What divides the rotation frequencies by the file's keys (rotated / 2), new, or NULL;
 * sets c->rope_magnitude.  Where there is no rope.scaling.type a factor,
 * rope.scaling.factor or in older files rope.scale_linear, counts as "linear", as in
 * llama.cpp.  0, or -1 and the reason for kinds other than "none", "linear", "yarn" and
 * "longrope", whose divisors are tensors. */
int decoder_rope_gguf(struct decoder_config *c, double **factors, const struct gguf *g,
                      struct error *e);

/* Refuses by its name any key of the architecture ("llama.*") that is not known here,
 * and any known one that asks for what is not computed here: 0, or -1 and the reason. */
int decoder_config_gguf_keys(const struct decoder_config *c, const struct gguf *g,
                             struct error *e);

/* Checks what the shapes depend on; 0, or -1 and the reason. */
int decoder_config_check(const struct decoder_config *c, const char *path,
                         struct error *e);

/* All layers but each `every`-th become local; every 0: all. */
void decoder_make_local(struct decoder_config *c, int every);

/* Weights of norms, which are 1 or near. */
bool decoder_is_norm(enum decoder_matrix what);

/* Does a model of this config have it?  (The head too; the source knows if tied.) */
bool decoder_has(const struct decoder_config *c, enum decoder_matrix what);

/* Rows and columns of a matrix; norms and biases are 1 x n. */
void decoder_shape(const struct decoder_config *c, enum decoder_matrix what, int *rows,
                   int *columns);

/* Norms and biases: one dimension in files. */
bool decoder_is_vector(enum decoder_matrix what);

/* Is there one for each layer? */
bool decoder_by_layer(enum decoder_matrix what);

#endif
