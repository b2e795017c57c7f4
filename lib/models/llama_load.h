/* Inside of llama_load*.c: the two kinds of model files. */
#ifndef MODELS_LLAMA_LOAD_H
#define MODELS_LLAMA_LOAD_H

#include "models/llama.h"

enum { LLAMA_MATRICES = LLAMA_DOWN + 1 };

/* NULL and the reason in e. */
struct llama *llama_load_gguf(const char *path, enum frozen_precision precision,
                              struct error *e);
struct llama *llama_load_hf(const char *path, enum frozen_precision precision,
                            struct error *e);

/* Checks what the shapes depend on; 0, or -1 and the reason. */
int llama_config_check(const struct llama_config *c, const char *path, struct error *e);

/* Rows and columns of a matrix; norms are 1 x width. */
void llama_shape(const struct llama_config *c, enum llama_matrix what, int *rows,
                 int *columns);

/* Is there one for each layer? */
bool llama_by_layer(enum llama_matrix what);

#endif
