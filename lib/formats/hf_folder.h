/* A Hugging Face model folder: config.json and weights, in the first of these that is
 * there, or in the shards that an index lists:
 *
 *     model.safetensors    model.safetensors.index.json
 *     pytorch_model.bin    pytorch_model.bin.index.json */
#ifndef FORMATS_HF_FOLDER_H
#define FORMATS_HF_FOLDER_H

#include "formats/json_file.h"
#include "formats/safetensors.h"
#include "util/error.h"

#include <stdbool.h>

typedef struct hf_folder hf_folder;

/* Opens config and weights; NULL and the reason in e, or free with hf_close.  Weights
 * that are quantized in a way of Hugging Face's own are refused. */
hf_folder *hf_open(const char *path, struct error *e);

/* The same in two steps, for a caller that refuses a config before it asks for weights.
 * The first opens config.json alone, and refuses a folder with peft's
 * adapter_config.json; NULL and the reason in e, or free with hf_close.
 * The second opens the weights: 0, or -1 and the reason in e.  instead stands behind what
 * to take in the place of quantized weights (", or ..."; "": nothing else is read). */
hf_folder *hf_open_config(const char *path, struct error *e);
int hf_open_weights(hf_folder *h, const char *instead, struct error *e);
void hf_close(hf_folder *h);

/* Returns the path of the folder, borrowed. */
const char *hf_path(const hf_folder *h);

/* config.json, to be read with json_int and its like; borrowed from h. */
const struct json_file *hf_config(const hf_folder *h);

/* A tensor in whichever shard holds it; borrowed from h (bytes stay mapped).
 * NULL if there is none. */
const struct safetensor *hf_find(const hf_folder *h, const char *name);

/* Tensors of all shards, i from 0; borrowed from h, NULL behind the last. */
const struct safetensor *hf_at(const hf_folder *h, long i);

/* Is it a buffer or a head of another use, which models are saved with and which no
 * token's probability and no vector depends on: rotation frequencies, GPT-2's and
 * GPT-NeoX's causal masks, numbers of positions and of token types, OPT's version, the
 * value head of a training with rewards? */
bool hf_is_spare(const struct safetensor *t);

/* As hf_find, but it must be there with this shape: NULL and the reason in e. */
const struct safetensor *hf_tensor(const hf_folder *h, const char *name, int ndim,
                                   const int64_t *dim, struct error *e);

/* Such a tensor as a new float array of rows x cols (cols 0: a vector of rows
 * elements): NULL and the reason in e, or free with free(). */
float *hf_floats(const hf_folder *h, const char *name, int64_t rows, int64_t cols,
                 struct error *e);

/* The same, but every number must be finite. */
float *hf_finite(const hf_folder *h, const char *name, int64_t rows, int64_t cols,
                 struct error *e);

/* Are rows [from, from + n) of a tensor of floats (its type was checked) finite? */
bool hf_rows_finite(const struct safetensor *t, int64_t from, int64_t n);

#endif
