/* BERT and its relatives (Devlin et al. 2018), frozen, forward only: word, position and
 * token type embeddings, then `layers` blocks of self-attention and feed-forward network,
 * each with a residual and a layer normalisation.  bert_architecture.c says which there
 * are and what is new about each. */
#ifndef SBERT_BERT_H
#define SBERT_BERT_H

#include "frozen/frozen.h"
#include "sbert/bert_architecture.h"

struct bert_norm {
    real *w, *b; /* (w); w NULL: no normalisation, b NULL: no bias */
};

/* The weights of one block; W (out, in), b (out) or NULL. */
struct bert_layer {
    struct frozen qkv, out, down; /* (3w, w) (w, w) (w, inner) */
    struct frozen up;             /* (inner, w); gated: (2 inner, w), the gates last */
    real *qkv_b, *out_b, *up_b, *down_b;
    struct bert_norm attention_norm, norm;
    int window;       /* a token sees those at most that far, 0: all */
    const real *turn; /* (positions, width / heads): cosines, then sines; NULL: none */
};

typedef real bert_activation(real x);

struct bert {
    int layers, width, heads, inner, words;
    int positions;      /* tokens of the longest sequence */
    int first_position; /* row of the first token's position */
    int padding;        /* a token that is at row padding and not counted, -1: none */
    bool norm_first, gated;
    bert_activation *act; /* NULL: GELU, the erf form */
    real eps;
    const struct safetensor *word; /* (words, w), rows are read as needed */
    real *position;                /* (first_position + positions, w) or NULL */
    real *type;                    /* (w), NULL where there are none */
    struct bert_norm embedding_norm, final_norm;
    real *distance_bias;           /* (heads, 2 * positions - 1) or NULL */
    real *turn[2];                 /* of layers that see all, of those with a window */
    struct bert_layer *layer;
};

/* Returns the model of folder h: architecture, sizes and weights.  Word rows stay
 * borrowed from h.  hint names the architecture where config.json does not (may be NULL).
 * precision is that of the products with weights, real where bf16 is not available.
 * Free with bert_free.  Returns NULL and the reason in e where the folder is no such
 * model, or a weight is not finite. */
struct bert *bert_load(const hf_folder *h, const char *hint,
                       enum frozen_precision precision, struct error *e);
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
