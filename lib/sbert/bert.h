/* BERT and its relatives (Devlin et al. 2018), frozen, forward only: word,
 * position and token type embeddings, then `layers` blocks of self-attention and
 * feed-forward network, each with a residual and a layer normalisation after it.
 *
 *   bert        token type 0 is added to every word
 *   distilbert  no token types, other names
 *   mpnet       no token types, positions from 2, a bias on attention scores by
 *               relative distance (T5's buckets) shared by all layers */
#ifndef SBERT_BERT_H
#define SBERT_BERT_H

#include "formats/hf_folder.h"
#include "nn/frozen.h"

/* The weights of one block; W (out, in), b (out). */
struct bert_layer {
    struct frozen qkv, out, up, down; /* (3w, w) (w, w) (inner, w) (w, inner) */
    real *qkv_b, *out_b, *up_b, *down_b;
    real *attention_norm_w, *attention_norm_b, *norm_w, *norm_b; /* (w) */
};

struct bert {
    int layers, width, heads, inner, words;
    int positions;      /* tokens of the longest sequence */
    int first_position; /* row of the first token's position */
    real eps;
    const struct safetensor *word; /* (words, w), rows are read as needed */
    real *position;                /* (first_position + positions, w) */
    real *type;                    /* (w), NULL where there are none */
    real *norm_w, *norm_b;         /* (w) */
    real *distance_bias;           /* (heads, 2 * positions - 1) or NULL */
    struct bert_layer *layer;
};

/* Returns the model of folder h: model_type, sizes and weights.  Word rows stay borrowed
 * from h.  Free with bert_free.  Returns NULL and the reason in e where the folder is no
 * such model. */
struct bert *bert_load(const hf_folder *h, struct error *e);
void bert_free(struct bert *b);

/* Returns room for packs of at most `tokens` tokens, to free with bert_room_free.  Each
 * thread needs a room of its own. */
struct bert_room *bert_room_new(const struct bert *b, int tokens);
void bert_room_free(struct bert_room *r);

/* Runs a pack of sequences behind each other; sequence s is id[start[s] .. start[s + 1]).
 * Returns the last layer's output (tokens, width), valid until the next call with r.  The
 * call is single-threaded. */
const real *bert_forward(const struct bert *b, struct bert_room *r, const int *id,
                         const int *start, int sequences);

#endif
