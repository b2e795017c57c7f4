/* Decoder-only language models with frozen weights: log-likelihoods of tokens, and
 * their gradient with respect to the input embeddings, which is all that soft tokens
 * need.  What the architectures have in common is Llama's (RMSNorm, rotary positions,
 * grouped-query attention, SwiGLU); what others do in another way, struct decoder_config
 * says.  Which ones there are: decoder_architecture.c.
 *
 * What runs at once is a pack: rows (tokens) in segments that form trees.  A row
 * sees all rows of its segment's ancestors and, of its own segment, itself and
 * what stands before it.  One segment is a plain sequence; a prompt with
 * candidates is a parent with a trie below it, its keys and values computed once;
 * users that share a list are children of that list.
 *
 *     segment 0: rows 0..5   parent -1    T h e _ f i l m
 *     segment 1: rows 6..7   parent 0         A l i e n
 *     segment 2: rows 8..8   parent 1             s
 *     segment 3: rows 9..10  parent 0         H e a t
 *
 * Calls are single-threaded and deterministic; threads share a model and have a
 * workspace each. */
#ifndef LLM_DECODER_H
#define LLM_DECODER_H

#include "frozen/frozen.h"
#include "nn/real.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>

enum decoder_norm_kind { DECODER_RMSNORM, DECODER_LAYERNORM };
enum decoder_position_kind { DECODER_ROTARY, DECODER_LEARNED };

/* act(gate) up for those that end with GLU, else act(up); TANH: the form of GELU with a
 * hyperbolic tangent. */
enum decoder_ff_kind {
    DECODER_SWIGLU,
    DECODER_RELU,
    DECODER_GELU_TANH_GLU,
    DECODER_GELU,
    DECODER_GELU_TANH,
};

/* Where a layer's norms stand; f is attention, and then the feed-forward. */
enum decoder_layer_kind {
    DECODER_NORM_BEFORE, /* x + f(norm(x)) */
    DECODER_NORM_AFTER,  /* norm(x + f(x)), as in OPT-350m */
    DECODER_NORM_RESULT, /* x + norm(f(x)), as in OLMo 2 */
    DECODER_NORM_AROUND, /* x + norm(f(norm(x))), as in Gemma 2 */
    DECODER_PARALLEL,    /* x + attention(norm(x)) + feed(norm(x)), as in GPT-NeoX */
};

/* What queries and keys go through before they are rotated: a root mean square norm of
 * each head, or of all heads together. */
enum decoder_qk_norm { DECODER_QK_PLAIN, DECODER_QK_NORM_HEAD, DECODER_QK_NORM_ALL };

/* Products that have biases, added up. */
enum {
    DECODER_QKV_BIAS = 1,
    DECODER_OUT_BIAS = 2,
    DECODER_FF_BIAS = 4,
    DECODER_ALL_BIASES = 7,
};

/* What one layer does unlike the others, added up. */
enum { DECODER_LOCAL = 1, DECODER_UNROTATED = 2 };

enum { DECODER_MOST_LAYERS = 1000 };

/* The architecture tells how files name things; what is computed is in the rest.  A
 * config of zeros but for the sizes is a Llama's. */
struct decoder_config {
    const struct decoder_architecture *architecture; /* NULL: a Llama's */
    int layers, width, heads, kv_heads, head_dim, ff, vocab;
    int embed_width;   /* of token embeddings, so of soft tokens: where it is not width,
                          project_in and project_out stand between */
    int context;       /* the longest sequence that the model was made for */
    enum decoder_norm_kind norm;
    enum decoder_position_kind positions;
    enum decoder_ff_kind ff_kind;
    enum decoder_layer_kind layer_kind;
    enum decoder_qk_norm qk_norm;
    int biases;        /* the head, project_in and _out have none */
    int position_offset; /* learned: row of the first position */
    bool no_final_norm;
    double norm_eps;
    double rope_theta; /* rotary: base of the rotation frequencies */
    double rope_theta_local; /* the same in local layers, where these have frequencies of
                                their own; else 0 */
    double rope_magnitude;   /* what rotating multiplies by; 0: 1 */
    int rotated;       /* the first numbers of each head, that are rotated; 0: all */
    int window;        /* rows that one sees in a local layer, itself included */
    double attention_scale; /* of queries times keys; 0: 1 / sqrt(head_dim) */
    double attention_cap, logit_cap; /* x becomes cap tanh(x / cap); 0: it does not */
    double embed_factor, residual_factor, logit_factor; /* multiply token and soft-token
                          embeddings, what each half of a layer adds, logits; 0: 1 */
    unsigned char layer_does[DECODER_MOST_LAYERS]; /* DECODER_LOCAL and the like */
};

struct decoder;
struct decoder_workspace;

/* Also closes the file that its weights are stored in. */
void decoder_free(struct decoder *m);

/* Returns the model's sizes and kinds, borrowed from m. */
const struct decoder_config *decoder_config(const struct decoder *m);

/* The embedding of token id, 0 <= id < vocab: row (embed_width). */
void decoder_embed(const struct decoder *m, int id, real *row);

/* Root mean square over the whole token-embedding table. */
real decoder_embed_rms(const struct decoder *m);

struct decoder_segment {
    int parent;     /* an earlier segment, or -1 */
    int first, end; /* rows [first, end); segments lie one after the other */
};

/* All arrays are the caller's.  Fastest where the children of a segment follow it
 * directly (depth first). */
struct decoder_pack {
    int rows;
    const real *embeddings; /* (rows, embed_width) */
    const int *position;    /* (rows): place in the sequence, from 0; where positions
                               are learned, less than context */
    int segments;
    const struct decoder_segment *segment;
    int wanted;      /* rows whose next token is asked for */
    const int *want; /* (wanted) increasing */
};

/* What the forward pass keeps.  With DECODER_BACKWARD, about layers * 40 * width bytes
 * a row; with DECODER_RECOMPUTE, a tenth of that: the backward pass runs each layer
 * forward again, and gives the same bytes.  With neither, no more than one layer's. */
enum decoder_keep { DECODER_FORWARD, DECODER_BACKWARD, DECODER_RECOMPUTE };

/* Memory for packs of at most so many rows, of them so many wanted.  Free with
 * decoder_workspace_free. */
struct decoder_workspace *decoder_workspace_new(const struct decoder *m, int rows,
                                                int wanted, enum decoder_keep keep);
void decoder_workspace_free(struct decoder_workspace *w);

/* Bytes that a workspace has taken so far. */
size_t decoder_workspace_bytes(const struct decoder_workspace *w);

/* Bytes that a new one would take for its rows, without the logits. */
size_t decoder_workspace_need(const struct decoder *m, int rows, int wanted,
                              enum decoder_keep keep);

/* Runs the pack.  What it points to must live until decoder_backward is done. */
void decoder_forward(const struct decoder *m, const struct decoder_pack *p,
                   struct decoder_workspace *w);

/* Returns the number of rows that this process has given to decoder_forward. */
long long decoder_rows_run(void);

/* What the head sees: final hidden states (wanted, embed_width), after the last norm
 * and project_out; borrowed from w. */
const real *decoder_hidden(const struct decoder_workspace *w);

/* A token asked for after one of the wanted rows. */
struct decoder_term {
    int row;   /* index into want */
    int token;
    bool raw;  /* its logit alone: enough where only differences between tokens of
                  one row count, and much cheaper than the whole vocabulary */
};

/* out (count): log-probability of each term's token, or its logit where raw.
 * Once after each decoder_forward. */
void decoder_logp(const struct decoder *m, struct decoder_workspace *w,
                const struct decoder_term *term, int count, real *out);

/* Readies m for decoder_backward: with bf16 its weights are held once more. */
void decoder_add_backward(struct decoder *m);

/* Gradient of sum_j weight[j] * out[j], of the decoder_logp just before, with
 * respect to the embeddings: (rows, embed_width), borrowed from w until the next
 * forward.  Once after each decoder_logp; w was made for backward, and
 * decoder_add_backward was called. */
const real *decoder_backward(const struct decoder *m, struct decoder_workspace *w,
                             const struct decoder_term *term, const real *weight,
                             int count);

/* Where a model's numbers come from: row `index` of a matrix of a layer (0 where
 * there are no layers).  Norms and biases are one row.  Called from several threads.
 * Which ones a model has: decoder_has in decoder_config.h. */
enum decoder_matrix {
    DECODER_EMBED, /* vocab x embed_width */
    DECODER_HEAD,  /* vocab x embed_width; not asked for where tied */
    DECODER_FINAL_NORM,
    DECODER_FINAL_NORM_BIAS,
    DECODER_POSITION,    /* context + position_offset x width */
    DECODER_PROJECT_IN,  /* width x embed_width */
    DECODER_PROJECT_OUT, /* embed_width x width */
    DECODER_ATTENTION_NORM, /* from here on: one for each layer */
    DECODER_ATTENTION_NORM_BIAS,
    DECODER_FF_NORM,
    DECODER_FF_NORM_BIAS,
    DECODER_Q, /* heads * head_dim x width, rotated in halves: (i, i + head_dim / 2) */
    DECODER_Q_BIAS,
    DECODER_K, /* kv_heads * head_dim x width, the same */
    DECODER_K_BIAS,
    DECODER_V,
    DECODER_V_BIAS,
    DECODER_O, /* width x heads * head_dim */
    DECODER_O_BIAS,
    DECODER_GATE, /* swiglu alone */
    DECODER_UP,   /* ff x width */
    DECODER_UP_BIAS,
    DECODER_DOWN, /* width x ff */
    DECODER_DOWN_BIAS,
    DECODER_ATTENTION_POST_NORM, /* of what attention gives */
    DECODER_FF_POST_NORM,
    DECODER_Q_NORM, /* head_dim, or all heads' */
    DECODER_K_NORM,
    DECODER_MATRICES /* how many kinds */
};

struct decoder_source {
    void (*row)(real *row, enum decoder_matrix what, int layer, int index, void *data);
    /* The matrix as it is stored, in memory that outlives the model; NULL: unknown. */
    struct stored_part (*stored)(enum decoder_matrix what, int layer, void *data);
    void *data;
    bool tied;             /* the head is the embedding table */
    const double *factors; /* (rotated / 2) divide the rotation frequencies, or NULL */
    void (*close)(void *data); /* frees data and what is stored, or NULL */
};

/* A model from any source; the config is the caller's to check.  On a processor without
 * bfloat16 products, products run as frozen_possible has it. */
struct decoder *decoder_make(const struct decoder_config *c,
                             const struct decoder_source *s,
                             enum frozen_precision precision);

#endif
