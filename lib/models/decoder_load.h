/* Inside of decoder_load*.c: the two kinds of model files. */
#ifndef MODELS_DECODER_LOAD_H
#define MODELS_DECODER_LOAD_H

#include "models/decoder.h"

enum { DECODER_MATRICES = DECODER_DOWN + 1 };

/* NULL and the reason in e. */
struct decoder *decoder_load_gguf(const char *path, enum frozen_precision precision,
                              struct error *e);
struct decoder *decoder_load_hf(const char *path, enum frozen_precision precision,
                            struct error *e);

/* Checks what the shapes depend on; 0, or -1 and the reason. */
int decoder_config_check(const struct decoder_config *c, const char *path, struct error *e);

/* Rows and columns of a matrix; norms are 1 x width. */
void decoder_shape(const struct decoder_config *c, enum decoder_matrix what, int *rows,
                 int *columns);

/* Is there one for each layer? */
bool decoder_by_layer(enum decoder_matrix what);

#endif
