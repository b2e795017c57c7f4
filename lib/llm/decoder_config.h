/* What a decoder's config asks for: read from files, checked, and the matrices that follow
 * from it. */
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
 * or what divides the rotation frequencies (head_dim / 2), to be freed also after -1.
 * *tied: the head is the embedding table, by the config alone. */
int decoder_config_hf(struct decoder_config *c, double **factors, bool *tied,
                      const struct json_file *f, struct error *e);

/* The same from a GGUF file's metadata; vocab is the number of token embeddings. */
int decoder_config_gguf(struct decoder_config *c, const struct gguf *g, struct error *e);

/* The divisor of all rotation frequencies, 1 where there is none: rope.scaling.factor, or
 * in older files rope.scale_linear.  Where there is no rope.scaling.type either counts as
 * "linear", as in llama.cpp.  0, or -1 and the reason for any other kind. */
int decoder_rope_factor_gguf(const struct decoder_config *c, const struct gguf *g,
                             double *factor, struct error *e);

/* Refuses by its name any key of the architecture ("llama.*") that is not known here,
 * and any known one that asks for what is not computed here: 0, or -1 and the reason. */
int decoder_config_gguf_keys(const struct decoder_config *c, const struct gguf *g,
                             struct error *e);

/* What no file says of an architecture: fills norm, positions, ff_kind. */
void decoder_config_kinds(struct decoder_config *c);

/* Checks what the shapes depend on; 0, or -1 and the reason. */
int decoder_config_check(const struct decoder_config *c, const char *path,
                         struct error *e);

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
