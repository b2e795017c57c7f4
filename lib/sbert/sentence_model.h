/* The model between a text's tokens and their vectors: a BERT (bert.h), or a decoder,
 * whose last hidden states are taken (Qwen3-Embedding). */
#ifndef SBERT_SENTENCE_MODEL_H
#define SBERT_SENTENCE_MODEL_H

#include "formats/hf_folder.h"
#include "frozen/frozen.h"

/* The model_type of the decoders that were compared as encoders. */
#define SENTENCE_DECODER "qwen3"

struct sentence_model {
    hf_folder *folder;       /* owns the mapped word rows of bert */
    struct bert *bert;       /* NULL: it is a decoder */
    struct decoder *decoder;
    int width, words;        /* of a token's vector; of the vocabulary */
    int positions;           /* tokens of the longest text */
};

/* Opens the model in folder; hint names the architecture where config.json does not (may
 * be NULL).  precision is that of the products with its weights.  Returns 0, or -1 and
 * the reason in e where the folder is no such model, or a weight is not finite.  Release
 * m with sentence_model_close in any case. */
int sentence_model_open(struct sentence_model *m, const char *folder, const char *hint,
                        enum frozen_precision precision, struct error *e);
void sentence_model_close(struct sentence_model *m);

/* Returns room for packs of tokens, to free with model_room_free.  Each thread needs a
 * room of its own.  most is the size of the largest pack. */
struct model_room *model_room_new(const struct sentence_model *m, int most);
void model_room_free(struct model_room *r);

/* Runs a pack of texts behind each other; text s is id[start[s] .. start[s + 1]).
 * Returns their tokens' vectors (tokens, width), valid until the next call with r.  The
 * call is single-threaded. */
const real *sentence_model_run(const struct sentence_model *m, struct model_room *r,
                               const int *id, const int *start, int texts);

#endif
